import { effect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Device } from '../device/device';
import { followOpening } from '../device/opening-note';
import { invitation } from './address';

/** Whoever was invited joins by the first note, too: once for each invitation. */
export function useFirstNote(device: Device): void {
  useEffect(() => {
    let accepted = '';
    // At once: a note that is only struck has ended when the page is drawn.
    return effect(() => {
      const { code } = invitation.value;
      const [first] = device.sounding.value;
      const canJoin =
        device.connection.value === 'connected' &&
        device.session.value === undefined &&
        device.resuming.value === '' &&
        !device.isBusy.value &&
        device.name.value.trim() !== '';
      if (!code || !first || !canJoin || accepted === code) return;
      accepted = code;
      device.join(code, followOpening(device.sounding, first));
    });
  }, [device]);
}

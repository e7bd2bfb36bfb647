import { effect } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Device } from '../device/device';
import { invitation } from './address';

/** Whoever was invited joins by the first note, too: once for each invitation. */
export function useFirstNote(device: Device): void {
  useEffect(() => {
    let accepted = '';
    // At once: a note that is only struck has ended when the page is drawn.
    return effect(() => {
      const { code } = invitation.value;
      const isPlaying = device.sounding.value.length > 0;
      const canJoin =
        device.connection.value === 'connected' &&
        device.session.value === undefined &&
        device.resuming.value === '' &&
        !device.isBusy.value &&
        device.name.value.trim() !== '';
      if (!code || !isPlaying || !canJoin || accepted === code) return;
      accepted = code;
      device.join(code);
    });
  }, [device]);
}

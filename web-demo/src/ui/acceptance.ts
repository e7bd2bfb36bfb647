import { effect, signal } from '@preact/signals';
import type { Device } from '../device/device';
import { followOpening, type OpeningNote } from '../device/opening-note';
import { invitation } from './address';

/** The code of the invitation that was accepted and waits for the connection, or ''. */
export const accepted = signal('');

/** Accepts the invitation: the device joins now, or as soon as it is connected. */
export function accept(): void {
  accepted.value = invitation.value.code;
}

/** Lets the device follow the invitations that are accepted. The first note accepts one, too, once. */
export function acceptInvitations(device: Device): void {
  let opening: OpeningNote | undefined;
  let openedFor = '';
  // At once: a note that is only struck has ended when the page is drawn.
  effect(() => {
    const { code } = invitation.value;
    if (accepted.value !== code) accepted.value = '';
    const isOutside = device.session.value === undefined && device.resuming.value === '';
    if (!code || !isOutside || device.name.value.trim() === '') return;
    const [first] = device.sounding.value;
    if (first && openedFor !== code) {
      openedFor = code;
      opening = followOpening(device.sounding, first);
      accept();
    }
    const canJoin = device.connection.value === 'connected' && !device.isBusy.value;
    if (accepted.value === '' || !canJoin) return;
    accepted.value = '';
    openedFor = code; // keys do not ask again
    device.join(code, opening);
    opening = undefined;
  });
}

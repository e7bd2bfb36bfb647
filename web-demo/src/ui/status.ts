import type { Device } from '../jam/device';

export interface Status {
  kind: 'waiting' | 'ready' | 'trouble';
  title: string;
  hint: string;
}

/** Where a device stands, and what to do. */
export function statusOf(device: Device): Status {
  const session = device.session.value;
  const trouble = device.trouble.value;
  if (device.connection.value === 'connecting') {
    return trouble
      ? { kind: 'trouble', title: 'No connection.', hint: trouble }
      : { kind: 'waiting', title: 'Connecting…', hint: 'One moment.' };
  }
  if (device.connection.value === 'reconnecting') {
    const hint = session
      ? `Trying again, and then back to ${session.code}.`
      : 'The connection is gone. Trying again.';
    return { kind: 'waiting', title: 'Reconnecting…', hint };
  }
  if (trouble) return { kind: 'trouble', title: 'That did not work.', hint: trouble };
  if (session) {
    const hint = device.isRobot ? 'It plays along by itself.' : device.news.value || playHint;
    return { kind: 'ready', title: 'Connected.', hint };
  }
  if (device.remark.value) return { kind: 'ready', title: 'Left.', hint: device.remark.value };
  return { kind: 'ready', title: 'Connected.', hint: 'Create a session, or join one by its code.' };
}

const playHint = 'Play with the keys below, or with your computer’s.';

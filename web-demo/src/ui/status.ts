import type { Device } from '../device/device';
import type { Session } from '../device/session';

export interface Status {
  kind: 'waiting' | 'ready' | 'trouble';
  title: string;
  hint: string;
}

/** The status line of a device: its state, and what to do. */
export function statusOf(device: Device): Status {
  const session = device.session.value;
  const trouble = device.trouble.value;
  if (device.connection.value === 'connecting') {
    return trouble
      ? { kind: 'trouble', title: 'Not connected.', hint: trouble }
      : { kind: 'waiting', title: 'Connecting…', hint: comingBack(device) || 'One moment.' };
  }
  const remark = device.remark.value;
  if (device.connection.value === 'elsewhere')
    return { kind: 'waiting', title: remark?.title ?? '', hint: remark?.words ?? '' };
  const closing = closingHint(device);
  if (device.connection.value === 'reconnecting') {
    if (closing) {
      const hint = 'Trying again until it is back. Sessions are not kept.';
      return { kind: 'waiting', title: 'The server has closed.', hint };
    }
    const code = session?.code ?? device.resuming.value;
    const whose = device.isRobot ? 'Its' : 'Your';
    const isKept = device.keepsSeat.value || device.resuming.value !== '';
    const kept = isKept
      ? `${whose} seat in ${code} is kept for a while.`
      : `You will rejoin ${code}.`;
    const unheard = session && !device.isRobot ? 'The others cannot hear you now. ' : '';
    const hint = code ? unheard + kept : 'The connection was lost. Trying again.';
    return { kind: 'waiting', title: 'Reconnecting…', hint };
  }
  if (trouble) return { kind: 'trouble', title: 'That did not work.', hint: trouble };
  if (closing) return { kind: 'waiting', title: 'The server is closing.', hint: closing };
  if (session) {
    const hint = device.isRobot ? 'This robot plays by itself.' : device.news.value || hintFor(session);
    return { kind: 'ready', title: 'Connected.', hint };
  }
  if (remark) {
    const kind = remark.kind === 'ended' ? 'trouble' : 'ready';
    return { kind, title: remark.title, hint: remark.words };
  }
  const back = comingBack(device);
  if (back) return { kind: 'waiting', title: 'Connected.', hint: back };
  return { kind: 'ready', title: 'Connected.', hint: 'Create a session, or join one by its code.' };
}

function comingBack({ resuming: { value: code } }: Device): string {
  return code && `Coming back to your seat in ${code}.`;
}

/** When the server closes, by the clock: a number that counts down would be read out each second. */
function closingHint(device: Device): string {
  const at = device.closesAt.value;
  if (at === undefined) return '';
  const time = new Date(at).toLocaleTimeString();
  return device.session.value
    ? `Your session ends at ${time} at the latest. Until then you can play on.`
    : `It stops at ${time} at the latest. You cannot start a session now.`;
}

/** In a session about which there is no news. */
function hintFor({ participants, code }: Session): string {
  if (participants.length > 1) return playHint;
  return `You are alone here. Share ${code}, so that others can join.`;
}

const playHint =
  'Play the keys, louder near their edge, or use your computer’s keyboard.';

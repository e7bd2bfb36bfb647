import type { SessionEnded } from 'downbeat-server';

/** What a device can do once its seat has ended. */
export type NextStep = 'join again' | 'create' | 'come back';

/** How a session ended for this device, in words, and what to do now. */
export interface Remark {
  kind: 'left' | 'ended' | 'elsewhere';
  title: string;
  words: string;
  /** A button: what it says, and what it does. */
  offer?: { label: string; step: NextStep };
}

export function leftRemark(code: string): Remark {
  return { kind: 'left', title: 'Left.', words: `You left ${code}.` };
}

/** A server may know more reasons than this page. */
export function endRemark(reason: SessionEnded['reason'] | (string & {}), code: string): Remark {
  const ended = { kind: 'ended' as const, title: 'Your seat has ended.' };
  const again = { label: `Join ${code} again`, step: 'join again' as const };
  const create = { label: 'Create a new session', step: 'create' as const };
  switch (reason) {
    case 'taken_over':
      return {
        kind: 'elsewhere',
        title: 'You play elsewhere now.',
        words: `Another tab or device has taken your seat in ${code}.`,
        offer: { label: 'Come back to this tab', step: 'come back' },
      };
    case 'expired':
      return { ...ended, words: `You were away from ${code} for too long.`, offer: again };
    case 'seat_taken':
      return {
        ...ended,
        words: `${code} was full while you were away, and your seat went to a newcomer.`,
        offer: again,
      };
    case 'kicked':
      return { ...ended, words: `You were removed from ${code}.`, offer: create };
    case 'moved':
      return { ...ended, words: `You have left ${code} for another session.`, offer: again };
    case 'unknown':
      return {
        kind: 'ended',
        title: 'Your session has ended.',
        words:
          `${code} ended while you were disconnected: the server restarted, or ` +
          'everybody had left. Create a new session and share its code.',
        offer: create,
      };
    default:
      return { ...ended, words: `You are no longer in ${code}.`, offer: again };
  }
}

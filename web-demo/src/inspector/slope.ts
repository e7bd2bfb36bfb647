import type { WireMessage } from '../wire/message-log';

/** The height of a row of the chart, in pixels. */
export const rowHeight = 28;

const margin = 4;

/** A line of a row: from a lane to another, -1 being the server's, and how far it goes down. */
export interface Stroke {
  isUp: boolean;
  lane: number;
  from: number; // in pixels from the top
  to: number;
}

/**
 * The lines of messages that belong together: the longer one was on its way, the steeper it is.
 * The square root shows 20 ms, and 500 ms still fit.
 */
export function strokesOf(messages: readonly WireMessage[]): Stroke[] {
  const drop = (message: WireMessage) => 1.5 * Math.sqrt(message.travelMs ?? 0);
  const up = messages[0]?.isUp ? drop(messages[0]) : 0;
  const down = Math.max(0, ...messages.filter(({ isUp }) => !isUp).map(drop));
  const scale = Math.min(1, (rowHeight - 2 * margin) / Math.max(1, up + down));
  const top = (rowHeight - (up + down) * scale) / 2;
  const server = top + up * scale;
  return messages.map((message) =>
    message.isUp
      ? { isUp: true, lane: message.lane, from: top, to: server }
      : { isUp: false, lane: message.lane, from: server, to: server + drop(message) * scale },
  );
}

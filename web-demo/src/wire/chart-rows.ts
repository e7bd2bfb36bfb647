import type { MessageLog, WireMessage } from './message-log';
import { noteIn, type NoteMessage } from './note-message';

export const noteViews = ['fold', 'hide', 'all'] as const;
/** Of each note one row, none, or one of each of its messages. */
export type NoteView = (typeof noteViews)[number];

/** A row of the chart: one message, or all those of a note. */
export interface ChartRow {
  /** The number of its first message. */
  number: number;
  messages: WireMessage[];
}

/** How many messages are looked at for one picture, so that a long jam does not make it slow. */
const mostRead = 20_000;

/** The last rows up to a message, the newest last. */
export function rowsUpTo(log: MessageLog, end: number, most: number, view: NoteView): ChartRow[] {
  const rows: ChartRow[] = [];
  const ends = new Map<string, WireMessage[]>(); // note-offs whose notes come before them
  const oldest = Math.max(log.first, end - mostRead);
  for (let number = end; number > oldest && rows.length < most; ) {
    const message = log.at(number)!;
    const note = view === 'all' ? undefined : noteIn(message);
    if (!note) {
      rows.push({ number, messages: [message] });
      --number;
      continue;
    }
    const first = firstOf(log, number, note, oldest);
    if (view === 'fold') {
      const messages = log.messages.slice(first - 1 - log.first, number - log.first);
      const player = `${note.pitch} ${playerOf(messages[0]!)}`;
      if (!note.isOn) ends.set(player, messages);
      else {
        rows.push({ number: first, messages: [...messages, ...(ends.get(player) ?? [])] });
        ends.delete(player);
      }
    }
    number = first - 1;
  }
  return rows.reverse();
}

/** The first message of a note: what one client sends, the server sends to others at once. */
function firstOf(log: MessageLog, last: number, note: NoteMessage, oldest: number): number {
  const { time } = log.at(last)!;
  for (let number = last; number > oldest; --number) {
    const message = log.at(number)!;
    const other = noteIn(message);
    if (message.time !== time || other?.pitch !== note.pitch || other.isOn !== note.isOn) break;
    if (message.isUp) return number;
  }
  return last;
}

/** A client, by its line in the chart or, where the server names it, by its id. */
function playerOf(message: WireMessage): string {
  return message.isUp ? String(message.lane) : (noteIn(message)?.userId ?? '');
}

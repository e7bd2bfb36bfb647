import { type Note, readNote } from '../music/note';
import type { WireMessage } from './message-log';
import { decode } from './packet';

/** A note, as a message has it. */
export interface NoteMessage extends Note {
  /** Who plays it, if the server says so. */
  userId: string | undefined;
}

const known = new WeakMap<WireMessage, NoteMessage | false>();

/** The note in a message, if it is a `session:event` with one. Read once: the chart asks often. */
export function noteIn(message: WireMessage): NoteMessage | undefined {
  let note = known.get(message);
  if (note === undefined) known.set(message, (note = read(message) ?? false));
  return note || undefined;
}

function read({ kind, frame }: WireMessage): NoteMessage | undefined {
  if (kind !== 'text' || !/^42\d*\["session:event"/.test(frame)) return undefined;
  const { type, userId, data } = (decode(frame).payload ?? {}) as Record<string, unknown>;
  const note = readNote(type, data);
  return note && { ...note, userId: typeof userId === 'string' ? userId : undefined };
}

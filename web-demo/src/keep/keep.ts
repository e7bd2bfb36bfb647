import type { Participant } from 'downbeat-server';
import type { WireMessage } from '../wire/message-log';
import { JamReader } from './jam-reader';
import type { KeptJam } from './kept-jam';

/** The messages that a jam is kept from. */
export interface JamSource {
  messages: readonly WireMessage[];
  /** For the messages of one client: its session, which those that are left may not name. */
  own?: { code: string; selfId: string; participants: readonly Participant[] } | undefined;
}

/** The jam of the client whose messages these are, or that played and received most of them. */
export function keep({ messages, own }: JamSource): KeptJam | undefined {
  const readers = new Map<number, JamReader>();
  for (const message of messages) {
    let reader = readers.get(message.lane);
    if (!reader) readers.set(message.lane, (reader = new JamReader(own)));
    reader.read(message);
  }
  let most: JamReader | undefined;
  for (const reader of readers.values()) if (reader.notes > (most?.notes ?? 0)) most = reader;
  return most?.jam;
}

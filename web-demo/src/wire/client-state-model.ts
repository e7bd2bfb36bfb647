import type { Participant, SessionJoined, UserJoined } from 'downbeat-server';
import {
  enterSession,
  type Session,
  withAway,
  without,
  withParticipant,
  withUpdate,
} from '../device/session';
import type { MessageLog, WireMessage } from './message-log';
import { decode } from './packet';

/** A client's state, as far as it follows from the messages of its connection. */
export interface ClientState {
  connection: 'none' | 'open' | 'gone';
  transport: string;
  /** From the server's handshake. */
  handshake: { pingInterval: number; pingTimeout: number; maxPayload: number } | undefined;
  heartbeat: 'resting' | 'ping to answer';
  /** When the next ping is due; the client disconnects a ping timeout after it. */
  nextPing: number | undefined;
  socketId: string;
  session: Session | undefined;
  notesSent: number;
  notesHeard: number;
}

const initialState: ClientState = {
  connection: 'none',
  transport: '',
  handshake: undefined,
  heartbeat: 'resting',
  nextPing: undefined,
  socketId: '',
  session: undefined,
  notesSent: 0,
  notesHeard: 0,
};

/** Derives the state after any message. Going forward is cheap; going back reads from the start. */
export class ClientStateModel {
  #log: MessageLog;
  #begin = new StateReader(); // at the oldest message that is kept
  #reader = new StateReader();
  #at = 0;

  constructor(log: MessageLog) {
    this.#log = log;
    log.onDrop = (messages) => {
      for (const message of messages) this.#begin.read(message);
      if (this.#at < log.first + messages.length) this.#restart(log.first + messages.length);
    };
  }

  after(count: number): ClientState {
    if (count < this.#at) this.#restart(this.#log.first);
    while (this.#at < count) this.#reader.read(this.#log.at(++this.#at)!);
    return this.#reader.state;
  }

  #restart(at: number): void {
    this.#at = at;
    this.#reader = this.#begin.copy();
  }
}

class StateReader {
  #state = initialState;
  #self: Omit<Participant, 'id'> = { name: '', instrument: 'unknown' };
  #leaves = new Set<number>(); // ids of unanswered session:leave
  #lost: Session | undefined; // of the connection before this one

  get state(): ClientState {
    return this.#state;
  }

  copy(): StateReader {
    const copy = new StateReader();
    copy.#state = this.#state;
    copy.#self = this.#self;
    copy.#leaves = new Set(this.#leaves);
    copy.#lost = this.#lost;
    return copy;
  }

  #update(changes: Partial<ClientState>): void {
    this.#state = { ...this.#state, ...changes };
  }

  read(message: WireMessage): void {
    if (message.kind === 'event') return this.#readEvent(message);
    if (message.kind === 'binary') return;
    const packet = decode(message.frame);
    const { handshake } = this.#state;
    switch (packet.engine) {
      case 'open': {
        const said = packet.payload as ClientState['handshake'];
        this.#update({
          connection: 'open',
          handshake: said,
          nextPing: said && message.time + said.pingInterval,
        });
        return;
      }
      case 'ping':
        this.#update({ heartbeat: 'ping to answer' });
        return;
      case 'pong':
        this.#update({
          heartbeat: 'resting',
          nextPing: handshake && message.time + handshake.pingInterval,
        });
        return;
      case 'message':
        if (message.isUp) this.#readOwn(packet.event, packet.payload, packet.ackId);
        else if (packet.socket === 'CONNECT')
          this.#update({ socketId: (packet.payload as { sid?: string } | undefined)?.sid ?? '' });
        else if (packet.socket === 'ACK') this.#readAck(packet.ackId, packet.payload);
        else if (packet.event) this.#readEventOfJam(packet.event, packet.payload, message.time);
    }
  }

  #readEvent({ frame }: WireMessage): void {
    const [, transport] = /^transport: (\w+)/.exec(frame) ?? [];
    if (transport) return this.#update({ transport });
    if (!frame.startsWith('connection closed')) return;
    // Without a connection a client is in no session, even if it will try to rejoin one.
    this.#leaves.clear();
    const { notesSent, notesHeard, session } = this.#state;
    this.#lost = session;
    this.#update({ ...initialState, connection: 'gone', notesSent, notesHeard });
  }

  #readOwn(event: string | undefined, payload: unknown, ackId: number | undefined): void {
    const given = (payload ?? {}) as Partial<Participant>;
    const { name = this.#self.name, instrument = this.#self.instrument } = given;
    switch (event) {
      case 'session:create':
      case 'session:join':
        this.#self = { name, instrument };
        return;
      case 'session:update':
        this.#self = { name, instrument };
        return this.#change((session) =>
          withUpdate(session, { id: this.#state.socketId, name, instrument }),
        );
      case 'session:leave':
        if (ackId !== undefined) this.#leaves.add(ackId);
        return;
      case 'session:event':
        this.#update({ notesSent: this.#state.notesSent + 1 });
    }
  }

  #readAck(ackId: number | undefined, payload: unknown): void {
    if (ackId === undefined || !this.#leaves.delete(ackId)) return;
    if ((payload as { ok?: boolean } | undefined)?.ok) this.#update({ session: undefined });
  }

  #readEventOfJam(event: string, payload: unknown, time: number): void {
    const said = (payload ?? {}) as Omit<SessionJoined & UserJoined, 'away'> & {
      away?: unknown;
      graceMs?: number;
      acting?: boolean;
    };
    const { userId, graceMs = 0, hostId, acting: isHostActing = false } = said;
    switch (event) {
      case 'session:created': {
        const participants = [{ id: userId, ...this.#self }];
        return this.#update({ session: { code: said.roomCode, hostId: userId, participants } });
      }
      case 'session:joined':
        this.#update({ session: enterSession(said as SessionJoined, time, this.#lost) });
        this.#lost = undefined;
        return;
      case 'session:ended':
        return this.#update({ session: undefined });
      case 'session:user-joined':
        return this.#change((session) => withParticipant(session, said));
      case 'session:user-updated':
        return this.#change((session) => withUpdate(session, said.user));
      case 'session:user-left':
        return this.#change((session) =>
          said.away ? withAway(session, userId, time + graceMs) : without(session, userId),
        );
      case 'session:user-gone':
        return this.#change((session) => without(session, userId));
      case 'session:host-changed':
        return this.#change((session) => ({ ...session, hostId, isHostActing }));
      case 'session:event':
        this.#update({ notesHeard: this.#state.notesHeard + 1 });
    }
  }

  #change(change: (session: Session) => Session): void {
    const { session } = this.#state;
    if (session) this.#update({ session: change(session) });
  }
}

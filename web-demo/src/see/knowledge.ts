import type { Participant } from 'downbeat';
import type { Session } from '../jam/device';
import type { WireMessage } from './feed';
import { decode } from './packet';

/** What one client can know of its server from what crossed its own wire. */
export interface Knowledge {
  connection: 'none' | 'open' | 'gone';
  carriedBy: string;
  /** What the server said of itself in its handshake. */
  rules: { pingInterval: number; pingTimeout: number; maxPayload: number } | undefined;
  heartbeat: 'resting' | 'ping to answer';
  /** When the server pings next, at the latest; the device gives up a ping's timeout later. */
  nextPing: number | undefined;
  socketId: string;
  session: Session | undefined;
  notesSent: number;
  notesHeard: number;
}

const nothing: Knowledge = {
  connection: 'none',
  carriedBy: '',
  rules: undefined,
  heartbeat: 'resting',
  nextPing: undefined,
  socketId: '',
  session: undefined,
  notesSent: 0,
  notesHeard: 0,
};

/** Reads the messages up to where one looks; going on is cheap, going back begins anew. */
export class Knower {
  #messages: readonly WireMessage[];
  #at = 0;
  #known = nothing;
  #self: Omit<Participant, 'id'> = { name: '', instrument: 'unknown' };
  #leaves = new Set<number>(); // acknowledgements that are awaited

  constructor(messages: readonly WireMessage[]) {
    this.#messages = messages;
  }

  after(count: number): Knowledge {
    if (count < this.#at) {
      this.#at = 0;
      this.#known = nothing;
      this.#leaves.clear();
    }
    for (; this.#at < count; ++this.#at) this.#read(this.#messages[this.#at]!);
    return this.#known;
  }

  #learn(news: Partial<Knowledge>): void {
    this.#known = { ...this.#known, ...news };
  }

  #read(message: WireMessage): void {
    if (message.kind === 'event') return this.#readEvent(message);
    if (message.kind === 'binary') return;
    const packet = decode(message.frame);
    const { rules } = this.#known;
    switch (packet.engine) {
      case 'open': {
        const said = packet.payload as Knowledge['rules'];
        this.#learn({
          connection: 'open',
          rules: said,
          nextPing: said && message.time + said.pingInterval,
        });
        return;
      }
      case 'ping':
        this.#learn({ heartbeat: 'ping to answer' });
        return;
      case 'pong':
        this.#learn({ heartbeat: 'resting', nextPing: rules && message.time + rules.pingInterval });
        return;
      case 'message':
        if (message.isUp) this.#readOwn(packet.event, packet.payload, packet.ackId);
        else if (packet.socket === 'CONNECT')
          this.#learn({ socketId: (packet.payload as { sid: string }).sid });
        else if (packet.socket === 'ACK') this.#readAck(packet.ackId, packet.payload);
        else if (packet.event) this.#readEventOfJam(packet.event, packet.payload);
    }
  }

  #readEvent({ frame }: WireMessage): void {
    const [, carrier] = /^carried by (\w+)/.exec(frame) ?? [];
    if (carrier) return this.#learn({ carriedBy: carrier });
    if (!frame.startsWith('connection is gone')) return;
    // Who is gone is in no session any more, whatever it hopes to come back to.
    const { notesSent, notesHeard } = this.#known;
    this.#learn({ ...nothing, connection: 'gone', notesSent, notesHeard });
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
        return this.#put({ id: this.#known.socketId, name, instrument });
      case 'session:leave':
        if (ackId !== undefined) this.#leaves.add(ackId);
        return;
      case 'session:event':
        this.#learn({ notesSent: this.#known.notesSent + 1 });
    }
  }

  #readAck(ackId: number | undefined, payload: unknown): void {
    if (ackId === undefined || !this.#leaves.delete(ackId)) return;
    if ((payload as { ok?: boolean } | undefined)?.ok) this.#learn({ session: undefined });
  }

  #readEventOfJam(event: string, payload: unknown): void {
    const said = (payload ?? {}) as {
      roomCode: string;
      userId: string;
      hostId: string;
      participants: Participant[];
      user: Participant;
    };
    const { session } = this.#known;
    switch (event) {
      case 'session:created': {
        const participants = [{ id: said.userId, ...this.#self }];
        this.#learn({ session: { code: said.roomCode, hostId: said.userId, participants } });
        return;
      }
      case 'session:joined': {
        const { roomCode: code, hostId, participants } = said;
        this.#learn({ session: { code, hostId, participants } });
        return;
      }
      case 'session:user-joined':
      case 'session:user-updated':
        return this.#put(said.user);
      case 'session:user-left':
        return this.#change((all) => all.filter(({ id }) => id !== said.userId));
      case 'session:host-changed':
        this.#learn({ session: session && { ...session, hostId: said.hostId } });
        return;
      case 'session:event':
        this.#learn({ notesHeard: this.#known.notesHeard + 1 });
    }
  }

  /** Somebody who is here: new, or with other words. */
  #put(who: Participant): void {
    this.#change((all) =>
      all.some(({ id }) => id === who.id)
        ? all.map((old) => (old.id === who.id ? who : old))
        : [...all, who],
    );
  }

  #change(change: (all: Participant[]) => Participant[]): void {
    const { session } = this.#known;
    if (session)
      this.#learn({ session: { ...session, participants: change(session.participants) } });
  }
}

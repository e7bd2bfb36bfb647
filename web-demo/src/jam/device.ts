import { computed, signal } from '@preact/signals';
import type { Ack, ClientToServerEvents, Participant, ServerToClientEvents } from 'downbeat';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import type { Instrument } from '../music/instruments';
import { explain } from './failure';
import type { Way } from './way';

export type Connection = 'connecting' | 'connected' | 'reconnecting';
export type JamSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

export interface Session {
  code: string;
  hostId: string;
  participants: Participant[];
}

export interface Played {
  userId: string;
  instrument: string;
  note: Note;
}

export interface Sounding {
  userId: string;
  instrument: string;
  pitch: number;
}

export interface Note {
  pitch: number;
  velocity: number;
  isOn: boolean;
}

/** A musician's device: the stock client, and what its screen shows of the session. */
export class Device {
  readonly socket: JamSocket;
  readonly name = signal('');
  readonly instrument = signal<Instrument>('piano');
  readonly connection = signal<Connection>('connecting');
  readonly session = signal<Session | undefined>(undefined);
  readonly isBusy = signal(false);
  /** What went wrong last, until something goes right. */
  readonly trouble = signal('');
  /** Something to know that is no trouble. */
  readonly remark = signal('');
  /** Who came or went last. */
  readonly news = signal('');
  /** The last note of each participant, and how many there were. */
  readonly lastNotes = signal<ReadonlyMap<string, { pitch: number; count: number }>>(new Map());
  /** What sounds right now. */
  readonly sounding = signal<readonly Sounding[]>([]);
  readonly selfId = signal('');
  readonly isHost = computed(() => this.session.value?.hostId === this.selfId.value);

  #isClosed = false;

  onPlayed: (played: Played) => void = () => {};

  constructor(
    readonly key: string,
    way: Way,
    readonly isRobot = false,
  ) {
    this.socket = io(way.url, way.options) as JamSocket;
    this.#listen();
  }

  create(): void {
    this.#ask((done) =>
      this.socket.emit('session:create', this.#self(), (reply) =>
        done(reply, ({ roomCode, userId }) => {
          const participants = [{ ...this.#self(), id: userId }];
          this.#enter({ code: roomCode, hostId: userId, participants }, userId);
        }),
      ),
    );
  }

  join(code: string): void {
    this.#ask((done) =>
      this.socket.emit('session:join', { ...this.#self(), roomCode: code }, (reply) =>
        done(reply, ({ roomCode, hostId, participants, userId }) =>
          this.#enter({ code: roomCode, hostId, participants }, userId),
        ),
      ),
    );
  }

  leave(): void {
    const session = this.session.value;
    if (!session) return;
    this.#ask((done) =>
      this.socket.emit('session:leave', { roomCode: session.code }, (reply) =>
        done(reply, () => this.#exit(`You left ${session.code}.`)),
      ),
    );
  }

  choose(instrument: Instrument): void {
    this.instrument.value = instrument;
    if (!this.session.value || !this.socket.connected) return;
    this.socket.emit('session:update', { instrument });
    this.#change((session) => ({
      ...session,
      participants: session.participants.map((participant) =>
        participant.id === this.selfId.value ? { ...participant, instrument } : participant,
      ),
    }));
  }

  /** Plays a note to the others, and to oneself at once. */
  play(note: Note): void {
    this.#hear({ userId: this.selfId.value, instrument: this.instrument.value, note });
    // What was played while nobody could hear it must not come out late.
    if (!this.session.value || !this.socket.connected) return;
    const { pitch, velocity, isOn } = note;
    const data = isOn ? { pitch, velocity } : { pitch };
    this.socket.emit('session:event', { type: isOn ? 'note' : 'note-off', data });
  }

  close(): void {
    this.#isClosed = true;
    this.socket.disconnect();
  }

  #listen(): void {
    const { socket } = this;
    socket.on('connect', () => {
      this.connection.value = 'connected';
      this.trouble.value = '';
      const lost = this.session.value;
      if (lost) this.#comeBack(lost);
    });
    socket.on('disconnect', () => {
      this.isBusy.value = false;
      this.#hush(() => true);
      this.connection.value = 'reconnecting';
      // A server that says goodbye leaves it to its clients to come back.
      if (!socket.active && !this.#isClosed) socket.connect();
    });
    socket.on('connect_error', () => {
      if (this.connection.value === 'connecting') this.trouble.value = unreachable;
    });
    socket.on('session:user-joined', ({ user }) => {
      this.news.value = `${user.name} has joined.`;
      this.#change((session) => ({ ...session, participants: [...session.participants, user] }));
    });
    socket.on('session:user-left', ({ userId }) => {
      this.#hush((id) => id === userId);
      this.news.value = `${this.#nameOf(userId)} has left.`;
      this.#change((session) => ({
        ...session,
        participants: session.participants.filter(({ id }) => id !== userId),
      }));
    });
    socket.on('session:user-updated', ({ user }) =>
      this.#change((session) => ({
        ...session,
        participants: session.participants.map((old) => (old.id === user.id ? user : old)),
      })),
    );
    socket.on('session:host-changed', ({ hostId }) => {
      const who = hostId === this.selfId.value ? 'You are' : `${this.#nameOf(hostId)} is`;
      this.news.value += ` ${who} the host now.`;
      this.#change((session) => ({ ...session, hostId }));
    });
    socket.on('session:event', ({ userId, type, data }) => {
      const note = readNote(type, data);
      const sender = this.session.value?.participants.find(({ id }) => id === userId);
      if (note && sender) this.#hear({ userId, instrument: sender.instrument, note });
    });
    socket.on('error', ({ code, message, event }) => {
      // The acknowledgement has told of these; a note too many is told of only here.
      if (event === 'session:event') this.trouble.value = explain(code, message);
    });
  }

  #comeBack({ code }: Session): void {
    this.#ask((done) =>
      this.socket.emit('session:join', { ...this.#self(), roomCode: code }, (reply) => {
        if (!reply.ok && reply.error.code === 'session_not_found') {
          this.isBusy.value = false;
          return this.#exit(`${code} is over: it ended while you were away. Create a new session.`);
        }
        done(reply, ({ hostId, participants, userId }) =>
          this.#enter({ code: reply.ok ? reply.roomCode : code, hostId, participants }, userId),
        );
      }),
    );
  }

  /** Asks the server for something, one thing at a time. */
  #ask(
    emit: (
      done: <Success extends object>(
        reply: Ack<Success>,
        onSuccess: (success: Success) => void,
      ) => void,
    ) => void,
  ): void {
    this.isBusy.value = true;
    this.trouble.value = '';
    this.remark.value = '';
    emit((reply, onSuccess) => {
      this.isBusy.value = false;
      if (reply.ok) onSuccess(reply);
      else this.trouble.value = explain(reply.error.code, reply.error.message);
    });
  }

  #self() {
    return { name: this.name.value.trim(), instrument: this.instrument.value };
  }

  #enter(session: Session, userId: string): void {
    this.selfId.value = userId;
    this.news.value = '';
    this.lastNotes.value = new Map();
    this.session.value = session;
  }

  #exit(remark: string): void {
    this.#hush(() => true);
    this.session.value = undefined;
    this.remark.value = remark;
  }

  #nameOf(userId: string): string {
    return this.session.value?.participants.find(({ id }) => id === userId)?.name ?? 'Somebody';
  }

  #change(change: (session: Session) => Session): void {
    if (this.session.value) this.session.value = change(this.session.value);
  }

  #hear(played: Played): void {
    const { userId, instrument, note } = played;
    const { pitch, isOn } = note;
    const isAnother = (other: Sounding) => other.userId !== userId || other.pitch !== pitch;
    const others = this.sounding.value.filter(isAnother);
    this.sounding.value = isOn ? [...others, { userId, instrument, pitch }] : others;
    if (isOn) {
      const count = (this.lastNotes.value.get(userId)?.count ?? 0) + 1;
      this.lastNotes.value = new Map(this.lastNotes.value).set(userId, { pitch, count });
    }
    this.onPlayed(played);
  }

  /** Nobody will say any more that these notes end. */
  #hush(isGone: (userId: string) => boolean): void {
    for (const { userId, instrument, pitch } of this.sounding.value) {
      if (!isGone(userId)) continue;
      this.#hear({ userId, instrument, note: { pitch, velocity: 0, isOn: false } });
    }
  }
}

const unreachable = 'The server does not answer. Trying again; “This tab” needs no server.';

/** A note, if this is one: anybody may send anything. */
function readNote(type: string, data: unknown): Note | undefined {
  const { pitch, velocity } = (data ?? {}) as { pitch?: unknown; velocity?: unknown };
  if (typeof pitch !== 'number' || !(pitch >= 0 && pitch <= 127)) return undefined;
  if (type === 'note-off') return { pitch, velocity: 0, isOn: false };
  if (type !== 'note') return undefined;
  const loudness = typeof velocity === 'number' ? Math.min(Math.max(velocity, 0), 1) : 0.8;
  return { pitch, velocity: loudness, isOn: true };
}

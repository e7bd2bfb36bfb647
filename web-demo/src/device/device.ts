import { computed, signal } from '@preact/signals';
import type { ReadonlySignal, Signal } from '@preact/signals';
import type {
  Ack,
  ClientToServerEvents,
  ServerToClientEvents,
  SessionCreated,
  SessionEnded,
  SessionJoined,
} from 'downbeat-server';
import type { Socket } from 'socket.io-client';
import { io } from 'socket.io-client';
import { instruments, lowestFor, type Instrument } from '../music/instruments';
import { type Note, type Played, readNote } from '../music/note';
import { coloursOf } from './colours';
import { explain } from './error-text';
import { latencyEvent, readLatency } from './latency-event';
import { nameInSentence } from './names';
import type { OpeningNote } from './opening-note';
import { Pedal } from './pedal';
import { endRemark, leftRemark, type Remark } from './seat-end';
import {
  enterSession,
  type Session,
  withAway,
  without,
  withParticipant,
  withUpdate,
} from './session';
import type { ConnectOptions } from '../server/connect-options';
import type { SeatKeeper } from '../server/seat-store';

/** `elsewhere`: another connection has taken over, and this one waits for the user. */
export type Connection = 'connecting' | 'connected' | 'reconnecting' | 'elsewhere';
export type JamSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** The time by which the server keeps seats, in milliseconds. */
export interface DeviceClock {
  /** For what shows it. */
  now: ReadonlySignal<number>;
  read(): number;
}

/** Beside the connection itself. */
export interface DeviceParts {
  clock: DeviceClock;
  isRobot?: boolean;
  /** For a device whose seat outlasts a reload of the page. */
  seats?: SeatKeeper;
}

export interface Sounding {
  userId: string;
  instrument: string;
  pitch: number;
  velocity: number;
}

/** The last note of a participant, and how many there were. */
export interface LastNote {
  pitch: number;
  velocity: number;
  count: number;
}

/** A musician's device: the stock client, and the state that its screen shows. */
export class Device {
  readonly socket: JamSocket;
  readonly name = signal('');
  readonly instrument = signal<Instrument>('piano');
  /** How many octaves higher than usual the keys are. */
  readonly octave = signal(0);
  readonly connection = signal<Connection>('connecting');
  readonly session = signal<Session | undefined>(undefined);
  readonly isBusy = signal(false);
  /** The last error, until a request succeeds. */
  readonly trouble = signal('');
  /** How the last session ended, until the next request. */
  readonly remark = signal<Remark | undefined>(undefined);
  /** The code of the session in which this device has a seat from before a reload, or ''. */
  readonly resuming = signal('');
  /** Whether the server keeps the seat of this device when the connection is lost. */
  readonly keepsSeat = signal(false);
  /** When the server will close, on the scale of `Date.now()`, if it has announced that. */
  readonly closesAt = signal<number | undefined>(undefined);
  /** Who has last come, gone, or lost the connection, in sentences. */
  readonly news = signal('');
  readonly lastNotes = signal<ReadonlyMap<string, LastNote>>(new Map());
  /** What other participants say of their latency, in milliseconds. */
  readonly latencies = signal<ReadonlyMap<string, number>>(new Map());
  /** The notes that sound now. */
  readonly sounding = signal<readonly Sounding[]>([]);
  readonly selfId = signal('');
  readonly isHost = computed(() => this.session.value?.hostId === this.selfId.value);
  readonly pedal = new Pedal((pitch) => this.#send({ pitch, velocity: 0, isOn: false }));
  /** The colour of each participant. */
  readonly colours = computed(() => {
    const ids = this.session.value?.participants.map(({ id }) => id) ?? [];
    return (this.#lastColours = coloursOf(ids, this.#lastColours));
  });

  readonly clock: DeviceClock;
  readonly isRobot: boolean;

  #seats: SeatKeeper | undefined;
  #isClosed = false;
  #isLeaving = false;
  /** The server has not given the seat back, and may say why. */
  #missesSeat = false;
  #lastCode = '';
  #lastColours: ReadonlyMap<string, number> = new Map();

  onPlayed: (played: Played) => void = () => {};

  constructor(
    readonly key: string,
    connect: ConnectOptions,
    { clock, isRobot = false, seats }: DeviceParts,
  ) {
    this.clock = clock;
    this.isRobot = isRobot;
    this.#seats = seats;
    this.resuming.value = this.#lastCode = seats?.seat?.code ?? '';
    this.socket = io(connect.url, connect.options) as JamSocket;
    this.#listen();
  }

  create(): void {
    this.#request((done) =>
      this.socket.emit('session:create', this.#self(), (reply) =>
        done(reply, ({ roomCode, userId }) => {
          const participants = [{ ...this.#self(), id: userId }];
          this.#enter({ code: roomCode, hostId: userId, participants }, userId);
        }),
      ),
    );
  }

  /** Joins a session, into which an opening note may lead. */
  join(code: string, opening?: OpeningNote): void {
    this.#request((done) =>
      this.socket.emit('session:join', { ...this.#self(), roomCode: code }, (reply) =>
        done(reply, (joined) => {
          this.#join(joined, opening);
          if (opening) this.#open(opening);
        }),
      ),
    );
  }

  leave(): void {
    const session = this.session.value;
    if (!session) return;
    this.#request((done) => {
      this.#isLeaving = true;
      this.socket.emit('session:leave', { roomCode: session.code }, (reply) => {
        this.#isLeaving = false;
        done(reply, () => this.#exit(leftRemark(session.code)));
      });
    });
  }

  /** Does what the last remark offers. */
  accept(): void {
    const offer = this.remark.value?.offer;
    if (offer?.step === 'join again') return this.join(this.#lastCode);
    if (offer?.step === 'create') return this.create();
    if (offer?.step !== 'come back') return;
    this.resuming.value = this.#lastCode;
    this.remark.value = undefined;
    this.connection.value = 'reconnecting';
    // One that came too late is connected, and shows its secret at the next CONNECT.
    if (this.socket.connected) this.socket.disconnect();
    this.socket.connect();
  }

  choose(instrument: Instrument): void {
    this.pedal.releaseAll();
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

  /** Moves the keys by octaves, as far as there are notes. */
  shiftOctave(by: number): void {
    const { value: instrument } = this.instrument;
    const octave = this.octave.value + by;
    if (lowestFor(instrument, octave) === lowestFor(instrument, this.octave.value)) return;
    this.pedal.releaseAll(); // the keys that are down are others now
    this.octave.value = octave;
  }

  rename(name: string): void {
    this.#request((done) =>
      this.socket.emit('session:update', { name }, (reply) =>
        done(reply, () => {
          this.name.value = name;
          this.#change((session) => withUpdate(session, { ...this.#self(), id: this.selfId.value }));
        }),
      ),
    );
  }

  /** The number of a participant's colour. */
  colourOf(userId: string): number {
    return this.colours.value.get(userId) ?? 0;
  }

  /** Plays a note, or ends it unless the pedal is down. */
  play(note: Note): void {
    if (note.isOn) this.pedal.press(note.pitch);
    else if (!this.pedal.release(note.pitch)) return;
    this.#send(note);
  }

  /** Sends a note: here it is heard at once, by the others through the server. */
  #send(note: Note): void {
    this.#apply(this.selfId.value, this.instrument.value, note);
    this.#emit(note);
  }

  #emit({ pitch, velocity, isOn }: Note): void {
    // A note played without a connection must not be sent later.
    if (!this.session.value || !this.socket.connected) return;
    const data = isOn ? { pitch, velocity } : { pitch };
    this.socket.emit('session:event', { type: isOn ? 'note' : 'note-off', data });
  }

  close(): void {
    this.#isClosed = true;
    this.socket.disconnect();
  }

  #listen(): void {
    const { socket } = this;
    socket.on('connect', () => this.#connected());
    socket.on('disconnect', () => {
      this.isBusy.value = false;
      this.#silence(() => true);
      if (this.connection.value === 'elsewhere') return;
      this.connection.value = 'reconnecting';
      // After a disconnect by the server the stock client does not reconnect by itself.
      if (!socket.active && !this.#isClosed) socket.connect();
    });
    socket.on('connect_error', () => {
      if (this.connection.value === 'connecting') this.trouble.value = unreachable;
    });
    socket.on('session:created', (created) => this.#keepSeat(created));
    socket.on('session:joined', (joined) => {
      this.#keepSeat(joined);
      if (joined.resumed) this.#resume(joined);
    });
    socket.on('session:ended', (ended) => {
      // Of a seat that has ended before, or of a device that was in no session.
      if (!this.session.value && !ended.roomCode && !this.#missesSeat) return;
      this.#ended(ended);
    });
    socket.on('session:user-joined', (joined) => {
      const name = nameInSentence(joined.user.name);
      this.news.value = joined.back ? `${name} is back.` : `${name} has joined.`;
      this.#change((session) => withParticipant(session, joined));
    });
    socket.on('session:user-left', ({ userId, away, graceMs = 0 }) => {
      this.#silence((id) => id === userId);
      if (away) {
        this.news.value = `${this.#nameOf(userId)} has lost the connection. The seat is kept for ${spanOf(graceMs)}.`;
        return this.#change((one) => withAway(one, userId, this.clock.read() + graceMs));
      }
      this.news.value = `${this.#nameOf(userId)} has left.`;
      this.#remove(userId);
    });
    socket.on('session:user-gone', ({ userId, reason }) => {
      this.news.value = `${this.#nameOf(userId)} ${goneWords[reason] ?? 'has left.'}`;
      this.#remove(userId);
    });
    socket.on('session:user-updated', ({ user }) =>
      this.#change((session) => withUpdate(session, user)),
    );
    socket.on('session:host-changed', ({ hostId, acting = false }) => {
      const who = hostId === this.selfId.value ? 'You are' : `${this.#nameOf(hostId)} is`;
      const role = acting ? 'the host meanwhile.' : 'the host now.';
      this.news.value = `${this.news.value} ${who} ${role}`.trim();
      this.#change((session) => ({ ...session, hostId, isHostActing: acting }));
    });
    socket.on('session:event', ({ userId, type, data }) => {
      const sender = this.session.value?.participants.find(({ id }) => id === userId);
      if (!sender) return;
      const latency = type === latencyEvent ? readLatency(data) : undefined;
      if (latency !== undefined)
        this.latencies.value = new Map(this.latencies.value).set(userId, latency);
      const note = readNote(type, data);
      if (note) this.#apply(userId, sender.instrument, note);
    });
    socket.on('server:closing', ({ withinMs, resumes }) => {
      // Another node, or the next server, has the seat: this is a lost connection like any other.
      if (resumes) return;
      this.closesAt.value = Date.now() + withinMs;
    });
    socket.on('error', ({ code, message, event }) => {
      // Requests have an acknowledgement; notes do not, so their errors come only here.
      // One that was under way when the session ended is no trouble.
      if (event === 'session:event' && this.session.value)
        this.trouble.value = explain(code, message);
    });
  }

  #connected(): void {
    const { socket } = this;
    this.connection.value = 'connected';
    this.trouble.value = '';
    this.closesAt.value = undefined;
    const lost = this.session.value;
    const wasLeaving = this.#isLeaving;
    this.#isLeaving = false;
    this.#missesSeat = false;
    // The stock client leaves `recovered` undefined if the answer to CONNECT had no pid.
    this.keepsSeat.value = socket.recovered !== undefined;
    // A socket with its old id has its seat, and gets `session:joined` next.
    if (socket.id === (this.selfId.value || this.#seats?.seat?.userId)) return;
    // A duplicated tab had none, as the store has found out meanwhile.
    const isOwn = this.selfId.value !== '' || this.#seats?.seat !== undefined;
    const hadSeat = this.resuming.value !== '' && isOwn;
    this.resuming.value = '';
    if (wasLeaving && lost) return this.#exit(leftRemark(lost.code));
    if (lost && !this.keepsSeat.value) return this.#rejoin(lost);
    if (!lost && !hadSeat) return;
    this.#ended({ reason: 'unknown' });
    this.#missesSeat = true;
  }

  #rejoin({ code }: Session): void {
    this.#request((done) =>
      this.socket.emit('session:join', { ...this.#self(), roomCode: code }, (reply) => {
        if (!reply.ok && reply.error.code === 'session_not_found') {
          this.isBusy.value = false;
          return this.#exit(endRemark('unknown', code));
        }
        done(reply, (joined) => this.#join(joined));
      }),
    );
  }

  /** The device has its seat again, after a lost connection or a reload. */
  #resume(joined: SessionJoined): void {
    const { userId } = joined;
    const old = this.session.value;
    const own = joined.participants.find(({ id }) => id === userId);
    this.isBusy.value = false;
    this.resuming.value = '';
    this.remark.value = undefined;
    this.#lastCode = joined.roomCode;
    this.selfId.value = userId;
    this.session.value = { ...enterSession(joined, this.clock.read(), old), isResumed: true };
    this.news.value = 'You are back in your seat.';
    const members = new Set(this.session.value.participants.map(({ id }) => id));
    for (const each of [this.lastNotes, this.latencies] as Signal<ReadonlyMap<string, unknown>>[])
      each.value = new Map([...each.value].filter(([id]) => members.has(id)));
    if (!own) return;
    // What the user has chosen meanwhile counts; after a reload nothing has been.
    if (old && own.instrument !== this.instrument.value) this.choose(this.instrument.value);
    if (old) return;
    this.name.value = own.name;
    const known = instruments.find((one) => one === own.instrument);
    if (known) this.instrument.value = known;
  }

  #ended({ roomCode = this.session.value?.code ?? this.#lastCode, reason }: SessionEnded): void {
    this.#missesSeat = false;
    this.isBusy.value = false;
    this.resuming.value = '';
    this.#lastCode = roomCode;
    this.#exit(endRemark(reason, roomCode), reason === 'taken_over');
  }

  #join(joined: SessionJoined, opening?: OpeningNote): void {
    this.#enter(enterSession(joined, this.clock.read()), joined.userId, opening);
  }

  /** Lets the others hear the note by which this device has entered, for as long as it sounded here. */
  #open({ pitch, velocity, lastedMs }: OpeningNote): void {
    this.lastNotes.value = new Map([[this.selfId.value, { pitch, velocity, count: 1 }]]);
    this.#emit({ pitch, velocity, isOn: true });
    if (lastedMs !== undefined) setTimeout(() => this.#emit({ pitch, velocity: 0, isOn: false }), lastedMs);
  }

  /** Servers that keep seats over a reload send a secret, to those who ask. */
  #keepSeat(entered: SessionCreated | SessionJoined): void {
    const { roomCode: code, userId, resumeToken: token } = entered as typeof entered & {
      resumeToken?: unknown;
    };
    if (typeof token === 'string') this.#seats?.keep({ token, code, userId });
  }

  /** Sends a request to the server, one at a time. */
  #request(
    emit: (
      done: <Success extends object>(
        reply: Ack<Success>,
        onSuccess: (success: Success) => void,
      ) => void,
    ) => void,
  ): void {
    this.isBusy.value = true;
    this.trouble.value = '';
    this.remark.value = undefined;
    emit((reply, onSuccess) => {
      this.isBusy.value = false;
      if (reply.ok) onSuccess(reply);
      else this.trouble.value = explain(reply.error.code, reply.error.message);
    });
  }

  #self() {
    return { name: this.name.value.trim(), instrument: this.instrument.value };
  }

  #enter(session: Session, userId: string, opening?: OpeningNote): void {
    // What sounds is of the session before this one, but for a note that leads into this one.
    if (opening) this.sounding.value = this.sounding.value.map((note) => ({ ...note, userId }));
    else this.#silence(() => true);
    this.selfId.value = userId;
    this.#lastCode = session.code;
    this.news.value = '';
    this.lastNotes.value = new Map();
    this.latencies.value = new Map();
    this.session.value = session;
  }

  #exit(remark: Remark, isElsewhere = false): void {
    this.#silence(() => true);
    this.session.value = undefined;
    this.trouble.value = '';
    this.remark.value = remark;
    // Only the user may take the seat back: two tabs that do it by themselves never stop.
    if (isElsewhere) this.connection.value = 'elsewhere';
    if (isElsewhere) return this.#seats?.yield();
    this.selfId.value = '';
    this.#seats?.forget();
  }

  #remove(userId: string): void {
    for (const each of [this.lastNotes, this.latencies] as Signal<ReadonlyMap<string, unknown>>[])
      each.value = new Map([...each.value].filter(([id]) => id !== userId));
    this.#change((session) => without(session, userId));
  }

  #nameOf(userId: string): string {
    const name = this.session.value?.participants.find(({ id }) => id === userId)?.name;
    return name === undefined ? 'Somebody' : nameInSentence(name);
  }

  #change(change: (session: Session) => Session): void {
    if (this.session.value) this.session.value = change(this.session.value);
  }

  #apply(userId: string, instrument: string, note: Note): void {
    const { pitch, velocity, isOn } = note;
    const isAnother = (other: Sounding) => other.userId !== userId || other.pitch !== pitch;
    const others = this.sounding.value.filter(isAnother);
    this.sounding.value = isOn ? [...others, { userId, instrument, pitch, velocity }] : others;
    if (isOn) {
      const count = (this.lastNotes.value.get(userId)?.count ?? 0) + 1;
      this.lastNotes.value = new Map(this.lastNotes.value).set(userId, { pitch, velocity, count });
    }
    // Its own id changes when it enters a session, in which a note may go on.
    const player = userId === this.selfId.value ? '' : userId;
    this.onPlayed({ userId: player, instrument, colour: this.colourOf(userId), note });
  }

  /** Ends the notes of participants that are gone: no note-off will come for them. */
  #silence(isGone: (userId: string) => boolean): void {
    for (const { userId, instrument, pitch } of this.sounding.value) {
      if (!isGone(userId)) continue;
      this.#apply(userId, instrument, { pitch, velocity: 0, isOn: false });
    }
  }
}

const goneWords: Record<string, string> = {
  expired: 'did not come back.',
  kicked: 'was removed.',
  seat_taken: 'was away, and the seat went to a newcomer.',
};

function spanOf(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 120 || seconds % 60 !== 0) return `${seconds}\u00a0s`;
  return `${seconds / 60}\u00a0min`;
}

const unreachable = 'The server does not answer. Trying again. “This tab” works without it.';

import type { Participant } from 'downbeat-server';
import type { Note } from '../music/note';
import type { WireMessage } from '../wire/message-log';
import { noteIn } from '../wire/note-message';
import { decode } from '../wire/packet';
import { type KeptJam, type KeptMember, type KeptNote, withinLimits } from './kept-jam';

/** For a note that has no end in the messages. */
const longestNoteMs = 60_000;

/** Without a connection nothing is heard, and no note-off comes. */
const ending = /^(connection closed|server closes)/;

interface OpenNote extends KeptNote {
  userId: string;
}

/** Reads the last session of a client from its messages: what it has sent and received. */
export class JamReader {
  #code: string | undefined;
  #selfId = '';
  #self: Omit<Participant, 'id'> = { name: '', instrument: 'unknown' };
  #members: KeptMember[] = [];
  #players = new Map<string, number>(); // of ids, as an index of the members
  #notes: OpenNote[] = [];
  #open = new Map<string, OpenNote>(); // the notes that sound
  #now = 0;

  /** Participants who are known without a message that says so: it may have been dropped. */
  constructor(known?: { code: string; selfId: string; participants: readonly Participant[] }) {
    if (!known) return;
    const { code, selfId, participants } = known;
    this.#enter(code, selfId, participants);
    this.#self = participants.find(({ id }) => id === selfId) ?? this.#self;
  }

  get notes(): number {
    return this.#notes.length;
  }

  /** What was kept so far. Notes that sound still end now. */
  get jam(): KeptJam {
    const begin = this.#notes[0]?.atMs ?? 0;
    const notes = this.#notes.map((open) => {
      const { userId, ...note } = open;
      const isOpen = this.#open.get(`${userId} ${note.pitch}`) === open;
      const lengthMs = isOpen ? this.#now - note.atMs : note.lengthMs;
      return { ...note, atMs: note.atMs - begin, lengthMs: Math.min(lengthMs, longestNoteMs) };
    });
    return withinLimits({ members: this.#members.map((member) => ({ ...member })), notes });
  }

  read(message: WireMessage): void {
    this.#now = message.time;
    if (message.kind === 'event') {
      if (ending.test(message.frame)) this.#endAll();
      return;
    }
    const note = noteIn(message);
    if (note) return this.#play(message.isUp ? this.#selfId : note.userId, note);
    if (message.kind === 'binary' || !message.frame.startsWith('4')) return;
    const { event, payload } = decode(message.frame);
    if (!event || typeof payload !== 'object' || payload === null) return;
    if (message.isUp) this.#readOwn(event, payload);
    else this.#readOfServer(event, payload);
  }

  #readOwn(event: string, payload: Partial<Participant>): void {
    if (!['session:create', 'session:join', 'session:update'].includes(event)) return;
    const { name = this.#self.name, instrument = this.#self.instrument } = payload;
    this.#self = { name: String(name).trim(), instrument: String(instrument).trim() };
    if (event === 'session:update' && this.#code !== undefined)
      this.#know({ id: this.#selfId, ...this.#self });
  }

  #readOfServer(
    event: string,
    said: {
      roomCode?: string;
      userId?: string;
      user?: Participant;
      participants?: Participant[];
      away?: Participant[] | true;
    },
  ): void {
    const { roomCode = '', userId = '', user, participants = [], away } = said;
    switch (event) {
      case 'session:created':
        return this.#enter(roomCode, userId, [{ id: userId, ...this.#self }]);
      case 'session:joined': {
        const everybody = [...participants, ...(Array.isArray(away) ? away : [])];
        this.#enter(roomCode, userId, everybody);
        this.#self = everybody.find(({ id }) => id === userId) ?? this.#self;
        return;
      }
      case 'session:user-joined':
      case 'session:user-updated':
        return user && this.#know(user);
      case 'session:user-left':
      case 'session:user-gone':
        return this.#endAll(userId);
    }
  }

  /** Another session begins anew; to the same one the client only comes back. */
  #enter(code: string, selfId: string, everybody: readonly Participant[]): void {
    this.#endAll();
    if (code !== this.#code) {
      this.#members = [];
      this.#notes = [];
      this.#players.clear();
    }
    this.#code = code;
    this.#selfId = selfId;
    for (const each of everybody) this.#know(each);
  }

  /** Who changes the instrument after a note is written as another member of the same name. */
  #know({ id, name, instrument }: Participant): void {
    const at = this.#players.get(id);
    const old = at === undefined ? undefined : this.#members[at];
    if (old?.instrument === instrument) {
      old.name = name;
      return;
    }
    if (old && !this.#notes.some(({ member }) => member === at)) {
      Object.assign(old, { name, instrument });
      return;
    }
    this.#players.set(id, this.#members.push({ name, instrument }) - 1);
  }

  #play(userId: string | undefined, { pitch, velocity, isOn }: Note): void {
    const member = this.#players.get(userId ?? '');
    if (userId === undefined || member === undefined) return;
    this.#end(`${userId} ${pitch}`);
    if (!isOn) return;
    const note = { member, atMs: this.#now, lengthMs: 0, pitch, velocity, userId };
    this.#notes.push(note);
    this.#open.set(`${userId} ${pitch}`, note);
  }

  #end(key: string): void {
    const note = this.#open.get(key);
    if (note) note.lengthMs = this.#now - note.atMs;
    this.#open.delete(key);
  }

  /** Those of one participant, or of all. */
  #endAll(userId?: string): void {
    for (const [key, note] of this.#open)
      if (userId === undefined || note.userId === userId) this.#end(key);
  }
}

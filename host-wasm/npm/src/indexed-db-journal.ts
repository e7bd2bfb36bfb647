import { commitOf, resultOf } from './indexed-db.js';
import type { Append, AppendResult, Evolve, Journal, OpenJournal } from './journal.js';
import { JournalError } from './journal.js';
import { checkedNumber, show, usageError } from './usage.js';
import { takeLock } from './web-lock.js';

export interface IndexedDBJournalOptions {
  /**
   * What a change that was acknowledged survives: the end of the tab and of the browser
   * (`"process"`, the default), or also a crash of the machine (`"power"`), which is slower.
   */
  durability?: 'process' | 'power';
  /** Milliseconds to wait for another tab that has the journal. 1000 by default. */
  waitMs?: number;
}

/** Of the stores. A newer version can read older databases, but not the other way round. */
const version = 1;
/** Rows of the log after which they are compacted. */
const mostRows = 256;

/** The state of a room as it was some time ago. Rooms are numbered: codes are used again. */
interface RoomRow {
  id: number;
  state: string;
}

/** An append since. */
interface LogRow {
  id: number;
  room: number;
  events: string;
}

/** What is known of a room that goes on. */
interface Room {
  readonly id: number;
  readonly head: number;
  readonly state: string | undefined;
  readonly appends: readonly string[]; // that the state does not have
  isCompact: boolean; // the row of the room has this state
}

/**
 * A journal in a database of the browser, for one tab at a time. `indexedDB.deleteDatabase(name)`
 * throws it away once its server is closed.
 */
export function indexedDBJournal(name: string, options: IndexedDBJournalOptions = {}): Journal {
  if (typeof name !== 'string' || name === '') {
    throw usageError(`indexedDBJournal() takes the name of a database, not ${show(name)}`);
  }
  const { durability = 'process', waitMs = 1000, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw usageError(
      `indexedDBJournal() has no option ${show(unknown)}; it has durability and waitMs`,
    );
  }
  if (durability !== 'process' && durability !== 'power') {
    throw usageError(`durability must be "process" or "power", not ${show(durability)}`);
  }
  checkedNumber(waitMs, 'waitMs', 2 ** 31 - 1);
  return { open: (evolve) => open({ name, durability, waitMs, evolve }) };
}

interface Opening {
  name: string;
  durability: 'process' | 'power';
  waitMs: number;
  evolve: Evolve;
}

async function open(how: Opening): Promise<OpenJournal> {
  const what = `the journal ${show(how.name)}`;
  const release = await lock(how, what);
  let database: IDBDatabase | undefined;
  try {
    database = await openDatabase(how.name, what);
    const log = await Log.load(database, how, what);
    return {
      states: log.states,
      append: (batch) => log.append(batch),
      async close() {
        await log.close();
        release();
      },
    };
  } catch (error) {
    database?.close();
    release();
    if (error instanceof JournalError) throw error;
    throw new JournalError('journal_unavailable', `${what} cannot be read`, error);
  }
}

async function lock({ name, waitMs }: Opening, what: string): Promise<() => void> {
  let release: (() => void) | undefined;
  try {
    release = await takeLock(`downbeat-journal ${name}`, waitMs);
  } catch (cause) {
    const why = 'needs Web Locks, which browsers have in pages of https:// and localhost';
    throw new JournalError('journal_unavailable', `${what} ${why}`, cause);
  }
  if (release) return release;
  throw new JournalError('journal_in_use', `${what} is in use by another server, perhaps in another tab`);
}

async function openDatabase(name: string, what: string): Promise<IDBDatabase> {
  let database: IDBDatabase;
  try {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
      for (const store of ['room', 'log']) {
        request.result.createObjectStore(store, { keyPath: 'id' });
      }
    };
    database = await resultOf(request);
  } catch (cause) {
    if ((cause as Error | null)?.name === 'VersionError') {
      const why = `is of a newer version than ${version}, the latest that is known here`;
      throw new JournalError('journal_newer', `${what} ${why}`, cause);
    }
    throw new JournalError('journal_unavailable', `${what} cannot be opened: ${why(cause)}`, cause);
  }
  if (Array.from(database.objectStoreNames).sort().join() === 'log,room') return database;
  database.close();
  throw new JournalError('journal_damaged', `${what} is a database of another program`);
}

function why(cause: unknown): string {
  return (cause as Error | null)?.message || 'the browser does not say why';
}

/** The rows of the database, and what is known of them. */
class Log {
  #database: IDBDatabase;
  #durability: IDBTransactionOptions;
  #evolve: Evolve;
  #what: string;
  #rooms = new Map<string, Room>(); // by code
  #roomRows = new Set<number>();
  #logRows = 0;
  #nextRow = 1;
  #nextRoom = 1;
  #compacting: Promise<void> = Promise.resolve();

  static async load(database: IDBDatabase, how: Opening, what: string): Promise<Log> {
    const log = new Log(database, how, what);
    const reading = database.transaction(['room', 'log']);
    const [states, appends] = await Promise.all([
      resultOf<RoomRow[]>(reading.objectStore('room').getAll()),
      resultOf<LogRow[]>(reading.objectStore('log').getAll()),
    ]);
    // Everything is read before anything is written: a damaged journal stays as it is.
    log.#read(states, appends);
    await log.#compact();
    return log;
  }

  private constructor(database: IDBDatabase, { durability, evolve }: Opening, what: string) {
    this.#database = database;
    this.#durability = { durability: durability === 'power' ? 'strict' : 'relaxed' };
    this.#evolve = evolve;
    this.#what = what;
  }

  get states(): string[] {
    return [...this.#rooms.values()].map(({ state }) => state!);
  }

  async append(batch: readonly Append[]): Promise<AppendResult[]> {
    await this.#compacting;
    const changed = new Map<string, Room>();
    const rows: LogRow[] = [];
    let nextRoom = this.#nextRoom;
    const results = batch.map(({ room: code, expectedHead, events, newHead }): AppendResult => {
      const found = changed.get(code) ?? this.#rooms.get(code);
      const before = found?.head === 0 ? undefined : found; // the code is used again
      if (expectedHead !== (before?.head ?? 0)) return 'failed';
      const { id, state, appends } = before ?? { id: nextRoom++, state: undefined, appends: [] };
      const after = { id, head: newHead, state, appends: [...appends, events], isCompact: false };
      changed.set(code, after);
      rows.push({ id: this.#nextRow + rows.length, room: id, events });
      return 'appended';
    });
    const writing = this.#database.transaction('log', 'readwrite', this.#durability);
    for (const row of rows) writing.objectStore('log').add(row);
    await commitOf(writing);

    this.#nextRoom = nextRoom;
    this.#nextRow += rows.length;
    this.#logRows += rows.length;
    for (const [code, room] of changed) {
      if (room.head === 0) this.#rooms.delete(code);
      else this.#rooms.set(code, room);
    }
    if (this.#logRows > mostRows) this.#compacting = this.#compact();
    return results;
  }

  async close(): Promise<void> {
    await this.#compacting;
    this.#database.close();
  }

  #read(states: readonly RoomRow[], appends: readonly LogRow[]): void {
    const rooms = new Map<number, { state: string | undefined; appends: string[] }>();
    for (const { id, state } of states) {
      if (typeof id !== 'number' || typeof state !== 'string') this.#refuse('room', id);
      rooms.set(id, { state, appends: [] });
      this.#roomRows.add(id);
    }
    for (const { id, room, events } of appends) {
      const isRow = typeof id === 'number' && typeof room === 'number';
      if (!isRow || typeof events !== 'string') this.#refuse('append', id);
      const found = rooms.get(room) ?? { state: undefined, appends: [] };
      found.appends.push(events);
      rooms.set(room, found);
      this.#nextRow = id + 1;
    }
    this.#logRows = appends.length;
    for (const [id, { state: before, appends }] of rooms) {
      this.#nextRoom = Math.max(this.#nextRoom, id + 1);
      const state = this.#evolved(id, before, appends);
      if (state === undefined) continue;
      const { room: code, seq: head } = JSON.parse(state);
      if (this.#rooms.has(code)) this.#refuse('room', id);
      this.#rooms.set(code, { id, head, state, appends: [], isCompact: appends.length === 0 });
    }
  }

  #evolved(id: number, state: string | undefined, appends: string[]): string | undefined {
    try {
      return this.#evolve(state, appends);
    } catch (cause) {
      return this.#refuse('room', id, cause);
    }
  }

  #refuse(row: string, id: unknown, cause?: unknown): never {
    const what = `${this.#what} is damaged: ${row} ${show(id)} cannot be read`;
    throw new JournalError('journal_damaged', what, cause);
  }

  /** Replaces the log by the states of its rooms. On a full disk it is tried again later. */
  async #compact(): Promise<void> {
    if (this.#logRows === 0) return;
    try {
      const compacted = new Map<string, Room>();
      for (const [code, room] of this.#rooms) {
        if (room.isCompact) continue;
        const state = this.#evolve(room.state, room.appends);
        compacted.set(code, { ...room, state, appends: [], isCompact: true });
      }
      const live = new Set([...this.#rooms.values()].map(({ id }) => id));
      const writing = this.#database.transaction(['room', 'log'], 'readwrite', this.#durability);
      const roomRows = writing.objectStore('room');
      for (const { id, state } of compacted.values()) roomRows.put({ id, state });
      const ended = [...this.#roomRows].filter((id) => !live.has(id));
      for (const id of ended) roomRows.delete(id);
      writing.objectStore('log').clear();
      await commitOf(writing);

      this.#logRows = 0;
      this.#roomRows = live;
      for (const [code, room] of compacted) this.#rooms.set(code, room);
    } catch {
      // The log stays as it is, and so does what is known of it.
    }
  }
}

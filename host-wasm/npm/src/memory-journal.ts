import type { Append, AppendResult, Evolve, Journal, OpenJournal } from './journal.js';
import { JournalError } from './journal.js';
import { checkedNumber, show, usageError } from './usage.js';

/** How appends to a `MemoryJournal` go wrong. */
export type MemoryJournalFault =
  /** Nothing is written. */
  | 'failed'
  /** It is written, but nobody can say so while this is the fault. */
  | 'unknown';

export interface MemoryJournalOptions {
  /** Milliseconds of the server's time before each append. 0 by default. */
  delayMs?: number;
  /** What goes wrong with appends; nothing by default. */
  fault?: MemoryJournalFault;
}

interface Log {
  head: number;
  state: string | undefined; // before these appends
  appends: string[];
}

/** Appends of one log after which they become a state. */
const mostAppends = 64;
const longestDelay = 2 ** 31 - 1;

/** Keeps sessions in memory: they outlast a server, and the next one goes on with them. */
export class MemoryJournal implements Journal {
  #delay = 0;
  #fault: MemoryJournalFault | undefined;
  #logs = new Map<string, Log>();
  #owner: Evolve | undefined;

  /** @internal `memoryJournal()` makes them. */
  constructor({ delayMs = 0, fault }: MemoryJournalOptions) {
    this.delayMs = delayMs;
    this.fault = fault;
  }

  get delayMs(): number {
    return this.#delay;
  }
  set delayMs(value: number) {
    this.#delay = checkedNumber(value, 'delayMs', longestDelay);
  }

  /** What goes wrong with appends from now on. */
  get fault(): MemoryJournalFault | undefined {
    return this.#fault;
  }
  set fault(value: MemoryJournalFault | undefined) {
    if (value !== undefined && value !== 'failed' && value !== 'unknown') {
      throw usageError(`fault must be "failed", "unknown" or undefined, not ${show(value)}`);
    }
    this.#fault = value;
  }

  /** The codes of the sessions that are kept. */
  get roomCodes(): string[] {
    return [...this.#logs.keys()];
  }

  /**
   * Takes the journal from its server, as if that had been killed: its appends fail from now on,
   * and the next server may have the journal.
   */
  abandon(): void {
    this.#owner = undefined;
  }

  async open(evolve: Evolve): Promise<OpenJournal> {
    if (this.#owner) {
      throw new JournalError('journal_in_use', 'another server has this journal: close it first');
    }
    this.#owner = evolve;
    for (const log of this.#logs.values()) compact(log, evolve);
    return {
      states: [...this.#logs.values()].map(({ state }) => state!),
      append: async (batch) => batch.map((one) => this.#append(one, evolve)),
      resolve: async () => (this.#fault === 'unknown' ? 'unknown' : 'appended'),
      close: async () => {
        if (this.#owner === evolve) this.#owner = undefined;
      },
    };
  }

  #append({ room, expectedHead, events, newHead }: Append, by: Evolve): AppendResult {
    const log = this.#logs.get(room) ?? { head: 0, state: undefined, appends: [] };
    const isRefused = this.#owner !== by || this.#fault === 'failed' || log.head !== expectedHead;
    if (isRefused) return 'failed';
    if (newHead === 0) {
      this.#logs.delete(room);
    } else {
      log.appends.push(events);
      log.head = newHead;
      if (log.appends.length > mostAppends) compact(log, by);
      this.#logs.set(room, log);
    }
    return this.#fault ?? 'appended';
  }
}

function compact(log: Log, evolve: Evolve): void {
  log.state = evolve(log.state, log.appends);
  log.appends = [];
}

/** A journal in memory, which outlasts its server: for tests, and to try out what goes wrong. */
export function memoryJournal(options: MemoryJournalOptions = {}): MemoryJournal {
  if (typeof options !== 'object' || options === null) {
    throw usageError(`memoryJournal() takes an object of options, not ${show(options)}`);
  }
  const { delayMs, fault, ...others } = options;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw usageError(`memoryJournal() has no option ${show(unknown)}; it has delayMs and fault`);
  }
  return new MemoryJournal(options);
}

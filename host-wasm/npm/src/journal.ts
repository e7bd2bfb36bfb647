// What keeps the sessions of a server, so that they outlast it.

import { show, usageError } from './usage.js';

/** Events to add to the log of one session, all or none. */
export interface Append {
  /** The session's code. A code is used again once its session has ended. */
  readonly room: string;
  /** The number of events that the log must have before; 0 for a new session. */
  readonly expectedHead: number;
  /** The events, as a text that only the server reads. */
  readonly events: string;
  /** The number of events that the log has after; 0 if they end the session, and its log. */
  readonly newHead: number;
}

/**
 * What became of an append: `"appended"`; `"failed"`, which nothing of it ever follows; `"unknown"`,
 * if that cannot be said yet; or a conflict, if the log was longer than expected because somebody
 * else has appended: with the events after `expectedHead`, as one JSON array.
 */
export type AppendResult = 'appended' | 'failed' | 'unknown' | { conflict: string };

/**
 * The state of a session once these appends have been applied to the state before, or to nothing;
 * `undefined` if it has ended. A state is a text, like events. Throws a `JournalError` if one cannot
 * be read.
 */
export type Evolve = (
  state: string | undefined,
  events: readonly string[],
) => string | undefined;

/**
 * Keeps the sessions of one server at a time: `memoryJournal()`, `indexedDBJournal()`, or one of
 * your own.
 */
export interface Journal {
  /** Milliseconds of the server's time before each append, to try out a slow journal. */
  readonly delayMs?: number;

  /** Called once by each server. If it rejects, so does `createServer()`. */
  open(evolve: Evolve): Promise<OpenJournal>;
}

/** A journal that one server has. The server waits for each promise before it calls again. */
export interface OpenJournal {
  /** The state of each session that is kept. */
  readonly states: readonly string[];

  /**
   * Adds to the logs, in this order. The result has one entry for each append. If it rejects, all
   * of them have failed, and `server.journalError` says why.
   */
  append(batch: readonly Append[]): Promise<readonly AppendResult[]>;

  /** Called again and again after an unknown result, until it is another one. */
  resolve?(append: Append): Promise<AppendResult>;

  /** Called last. */
  close(): Promise<void>;
}

export type JournalErrorCode =
  /** Another server has it, perhaps in another tab. */
  | 'journal_in_use'
  /** A newer version of this package has written it. */
  | 'journal_newer'
  /** Something in it cannot be read. */
  | 'journal_damaged'
  /** There is no storage for it here, or its use is refused. */
  | 'journal_unavailable';

/** A journal cannot be used. Nothing in it has been changed. */
export class JournalError extends Error {
  override readonly name = 'JournalError';
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, what: string, cause?: unknown) {
    super(`downbeat: ${what}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** @internal */
export function checkedJournal(given: unknown): Journal | undefined {
  if (given === undefined) return undefined;
  if (typeof (given as Partial<Journal> | null)?.open === 'function') return given as Journal;
  throw usageError(
    `journal must be memoryJournal(), indexedDBJournal(…) or an object with open(), not ${show(given)}`,
  );
}

import type { Append, AppendResult, Journal, OpenJournal } from './journal.js';
import type { Timeline } from './timeline.js';
import { usageError } from './usage.js';

/** Milliseconds between two questions of what became of an append. */
const resolveInterval = 500;

interface QueuedAppend {
  id: number;
  what: Append;
}

/** What a writer needs of its host. */
export interface JournalUser {
  readonly timeline: Timeline;
  /** Promises before which the next actions are not known. */
  readonly pending: Set<Promise<unknown>>;
  appendAnswered(id: number, result: AppendResult): void;
}

/**
 * Appends to the journal what the server asks for. One batch is written at a time; what comes
 * meanwhile is the next one.
 */
export class JournalWriter {
  /** Why the last write has failed; `undefined` if it has not. */
  error: Error | undefined;

  #journal: Journal;
  #log: OpenJournal;
  #user: JournalUser;
  #waiting: QueuedAppend[] = [];
  #isPlanned = false;
  #calls: Promise<unknown> = Promise.resolve(); // of the journal, one after the other
  #isClosing = false;

  constructor(journal: Journal, log: OpenJournal, user: JournalUser) {
    this.#journal = journal;
    this.#log = log;
    this.#user = user;
  }

  append(id: number, what: Append): void {
    this.#waiting.push({ id, what });
    this.#plan();
  }

  /** Writes what waits, without delay, and gives the journal back. */
  async close(): Promise<void> {
    this.#isClosing = true;
    await this.#calls;
    // The server appends more when it is answered.
    while (this.#waiting.length > 0) await this.#write();
    await this.#log.close();
  }

  #plan(): void {
    if (this.#isPlanned || this.#isClosing || this.#waiting.length === 0) return;
    this.#isPlanned = true;
    const { timeline } = this.#user;
    timeline.at(timeline.now + (this.#journal.delayMs ?? 0), () => {
      if (!this.#isClosing) this.#follow(this.#write());
    });
  }

  async #write(): Promise<void> {
    const batch = this.#waiting.splice(0);
    const results = await this.#try(
      () => this.#log.append(batch.map(({ what }) => what)),
      (given) => Array.isArray(given) && given.length === batch.length && given.every(isResult),
    );
    this.#isPlanned = false;
    if (results?.includes('failed')) this.error = new Error('downbeat: an append has failed');
    for (const [i, one] of batch.entries()) this.#answer(one, results?.[i] ?? 'failed');
    this.#plan();
  }

  /** The result of a call, if it has one that is right; otherwise `error` says why not. */
  async #try<Result>(
    call: () => Promise<Result>,
    isRight: (given: Result) => boolean,
  ): Promise<Result | undefined> {
    const turn = this.#calls.then(call);
    this.#calls = turn.catch(() => {});
    try {
      const given = await turn;
      if (!isRight(given)) throw usageError('the journal gave no result that an append can have');
      this.error = undefined;
      return given;
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
      return undefined;
    }
  }

  #answer(one: QueuedAppend, result: AppendResult): void {
    if (result === 'unknown' && !this.#log.resolve) {
      this.error = usageError('a journal whose results may be unknown needs resolve()');
      return this.#user.appendAnswered(one.id, 'failed');
    }
    this.#user.appendAnswered(one.id, result);
    if (result === 'unknown') this.#resolveLater(one);
  }

  #resolveLater(one: QueuedAppend): void {
    const { timeline } = this.#user;
    timeline.at(timeline.now + resolveInterval, () => this.#follow(this.#resolve(one)));
  }

  async #resolve(one: QueuedAppend): Promise<void> {
    const result = await this.#try(() => this.#log.resolve!(one.what), isResult);
    if (this.#isClosing) return;
    if (result === undefined || result === 'unknown') return this.#resolveLater(one);
    this.#user.appendAnswered(one.id, result);
  }

  #follow(work: Promise<void>): void {
    const { pending } = this.#user;
    pending.add(work);
    void work.finally(() => pending.delete(work));
  }
}

function isResult(given: unknown): given is AppendResult {
  return (
    given === 'appended' ||
    given === 'failed' ||
    given === 'unknown' ||
    typeof (given as { conflict?: unknown } | null)?.conflict === 'string'
  );
}

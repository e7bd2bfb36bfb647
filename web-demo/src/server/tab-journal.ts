import { signal } from '@preact/signals';
import type {
  Append,
  AppendResult,
  Evolve,
  IndexedDBJournalOptions,
  Journal,
  JournalErrorCode,
  OpenJournal,
} from 'downbeat-server';

const name = 'downbeat-tab-jam';
/** The Web Lock of the package's journal of that name. */
const lockName = `downbeat-journal ${name}`;
/** In the storage of a tab: it has had the journal, before a reload. */
const ownerKey = 'downbeat-tab-jam-owner';
/** A busy browser may have ended the page before a reload only some time after it. */
const reloadPatienceMs = 15_000;
const patienceMs = 1000;

type JournalMaker = (name: string, options: IndexedDBJournalOptions) => Journal;

/**
 * Keeps the sessions of the server in this tab, so that a reload ends none. Where that does not
 * work, it says so once, and the jam goes on in memory.
 */
export class TabJournal implements Journal {
  /** Why the jam ends with this tab; empty if it does not. */
  readonly trouble = signal('');

  #make: JournalMaker;
  #log: OpenJournal | undefined;
  /** What is kept is this tab's, or nobody can read it. */
  #isOurs = true;

  constructor(make: JournalMaker) {
    this.#make = make;
  }

  /** Whether this tab has the storage. */
  get isKept(): boolean {
    return this.#log !== undefined;
  }

  async open(evolve: Evolve): Promise<OpenJournal> {
    try {
      const waitMs = wasOwner() ? reloadPatienceMs : patienceMs;
      this.#log = await this.#make(name, { waitMs }).open(evolve);
    } catch (error) {
      const code = (error as { code?: JournalErrorCode }).code;
      this.#isOurs = code === 'journal_damaged';
      this.trouble.value = explain(code);
    }
    rememberOwner(this.isKept);
    return {
      states: this.#log?.states ?? [],
      append: (batch) => this.#append(batch),
      close: async () => this.#log?.close(),
    };
  }

  /**
   * Deletes what is kept, once the server is closed, unless it is for another tab or another version
   * of the page. Says whether it did.
   */
  async throwAway(): Promise<boolean> {
    if (!this.#isOurs) return false;
    this.#log = undefined;
    rememberOwner(false);
    if (!('locks' in navigator)) return deleteJournal();
    // A tab that opens meanwhile waits, and one that was faster keeps it.
    const signal = AbortSignal.timeout(patienceMs);
    return navigator.locks.request(lockName, { signal }, deleteJournal).catch(() => false);
  }

  async #append(batch: readonly Append[]): Promise<readonly AppendResult[]> {
    const log = this.#log;
    try {
      if (log) return await log.append(batch);
    } catch {
      this.#log = undefined;
      this.trouble.value =
        'This browser has no more space for the jam. What happens from now on ends with this tab.';
      await log?.close();
    }
    return batch.map(() => 'appended');
  }
}

/** Always true: without storage nothing is kept. */
function deleteJournal(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(name);
      request.onsuccess = request.onerror = request.onblocked = () => resolve(true);
    } catch {
      resolve(true);
    }
  });
}

function wasOwner(): boolean {
  try {
    return sessionStorage.getItem(ownerKey) !== null;
  } catch {
    return false; // some pages have no storage
  }
}

function rememberOwner(isOwner: boolean): void {
  try {
    if (isOwner) sessionStorage.setItem(ownerKey, 'yes');
    else sessionStorage.removeItem(ownerKey);
  } catch {
    // Then a reload in a busy browser may take the jam for that of another tab.
  }
}

function explain(code: JournalErrorCode | undefined): string {
  switch (code) {
    case 'journal_in_use':
      return 'Your jam is open in another tab. The one here ends with this tab.';
    case 'journal_newer':
      return 'Your jam was kept by a newer version of this page. It stays as it is; the one here ends with this tab.';
    case 'journal_damaged':
      return 'The jam that was kept cannot be read. The one here ends with this tab. “New jam” throws the other one away.';
    default:
      return 'This browser keeps no data for this page, so the jam ends with this tab.';
  }
}

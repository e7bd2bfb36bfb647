/** A seat in a session, and the secret by which this tab has it again after a reload. */
export interface StoredSeat {
  token: string;
  code: string;
  userId: string;
}

/** What keeps the seat of a device over a reload. */
export interface SeatKeeper {
  readonly seat: StoredSeat | undefined;
  /** Keeps the seat that the server has just given. */
  keep(seat: StoredSeat): void;
  /** The seat has ended. */
  forget(): void;
  /** Another device has the seat. */
  yield(): void;
}

const key = 'downbeat-seat';
/** A reload releases the lock of the page before it, but not always before the new page asks. */
const lockPatienceMs = 1000;
/** A busy browser ends the page before a reload only some time after it. */
const reloadPatienceMs = 15_000;

/**
 * Keeps the seat of this tab over a reload. A duplicated tab has a copy of the storage: a lock on
 * the secret's hash says which of the two has the seat. Without locks, the tab that came last has.
 */
export class SeatStore implements SeatKeeper {
  #seat = read();
  #claim: Promise<void> | undefined;
  #lockedToken = '';
  #release = () => {};

  /** The seat from before a reload, as far as this tab may have it. */
  get seat(): StoredSeat | undefined {
    return this.#seat;
  }

  /** What to show at a CONNECT. */
  async auth(): Promise<{ resume: true; resumeToken?: string }> {
    await (this.#claim ??= this.#claimStored());
    return this.#seat ? { resume: true, resumeToken: this.#seat.token } : { resume: true };
  }

  /** Keeps the seat that the server has just given. */
  keep(seat: StoredSeat): void {
    this.#seat = seat;
    write(seat);
    if (this.#lockedToken !== seat.token) void this.#lock(seat.token);
  }

  /** The seat has ended. */
  forget(): void {
    this.#seat = undefined;
    this.yield();
  }

  /** Another tab has the seat. This one can only have it back as long as it is not reloaded. */
  yield(): void {
    write(undefined);
    this.#lockedToken = '';
    this.#release();
  }

  async #claimStored(): Promise<void> {
    const seat = this.#seat;
    if (!seat || (await this.#lock(seat.token, patienceMs()))) return;
    if (this.#seat === seat) this.#seat = undefined;
    write(undefined);
  }

  /** Whether this tab has the lock, which it then holds; it waits for it, if need be for so long. */
  async #lock(token: string, patienceMs?: number): Promise<boolean> {
    this.#release();
    this.#lockedToken = token;
    const abort = new AbortController();
    this.#release = () => abort.abort();
    const name = await lockName(token);
    if (name === undefined || abort.signal.aborted) return true;
    const timer = patienceMs && setTimeout(() => abort.abort(), patienceMs);
    return new Promise((resolve) => {
      const hold = () => {
        clearTimeout(timer);
        resolve(true);
        return new Promise<void>((release) => (this.#release = release));
      };
      navigator.locks
        .request(name, { signal: abort.signal }, hold)
        // Where locks are forbidden it is as if there were none.
        .catch((error: Error) => resolve(error.name !== 'AbortError'));
    });
  }
}

/** A tab that was duplicated waits in vain, so not for long. */
function patienceMs(): number {
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
  return entry?.type === 'reload' ? reloadPatienceMs : lockPatienceMs;
}

/** Undefined without locks: they need a secure context, which http in a local network is not. */
async function lockName(token: string): Promise<string | undefined> {
  try {
    if (typeof navigator.locks?.request !== 'function') return undefined;
    const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
    const hex = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0'));
    return `${key}-${hex.join('')}`;
  } catch {
    return undefined;
  }
}

function read(): StoredSeat | undefined {
  try {
    const seat = JSON.parse(sessionStorage.getItem(key) ?? 'null') as StoredSeat | null;
    const texts = [seat?.token, seat?.code, seat?.userId];
    return seat && texts.every((text) => typeof text === 'string') ? seat : undefined;
  } catch {
    return undefined; // some pages have no storage
  }
}

function write(seat: StoredSeat | undefined): void {
  try {
    if (seat) sessionStorage.setItem(key, JSON.stringify(seat));
    else sessionStorage.removeItem(key);
  } catch {
    // Without storage a reload leaves the session.
  }
}

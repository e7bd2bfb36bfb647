/** Whole milliseconds that never go back, from the making of the server on. */
export interface Clock {
  readonly now: number;

  /** The wall clock, in milliseconds since 1970-01-01 00:00 UTC. */
  readonly wallTime: number;

  /** Calls `ring` at this time. Another time, or `undefined`, replaces it. */
  wakeAt(time: number | undefined, ring: () => void): void;
}

const longestDelay = 2 ** 31 - 1;

// Saved at import, before a test replaces them with fakes.
const { setTimeout, clearTimeout, performance } = globalThis;
const readClock = performance.now.bind(performance);
const readWallClock = Date.now;

/** The wall clock when virtual time begins: fixed, so that a trace is the same on every day. */
const virtualWallTime = Date.UTC(2026, 0, 1);

/** Real time. */
export class RealClock implements Clock {
  #origin = readClock();
  #latest = 0;
  #timer: number | { unref(): void } | undefined; // as browsers have it, and Node

  get now(): number {
    // The server refuses a time before the last one, which a replaced `performance` may give.
    return (this.#latest = Math.max(this.#latest, Math.floor(readClock() - this.#origin)));
  }

  get wallTime(): number {
    return Math.max(0, Math.floor(readWallClock()));
  }

  wakeAt(time: number | undefined, ring: () => void): void {
    clearTimeout(this.#timer as number | undefined);
    this.#timer = undefined;
    if (time === undefined) return;
    // It may ring too early: the caller looks at the time, and asks again.
    this.#timer = setTimeout(ring, Math.min(Math.max(time - this.now, 0), longestDelay));
    // A server without clients must not keep Node running.
    if (typeof this.#timer === 'object') (this.#timer as { unref(): void }).unref();
  }
}

/** Time that stands still until it is set. It has no alarms: `advance()` runs due actions. */
export class VirtualClock implements Clock {
  now = 0;

  get wallTime(): number {
    return virtualWallTime + this.now;
  }

  wakeAt(): void {}
}

/**
 * Decides when the server gets the wall clock as an input, as in the native host: before the first
 * other input, once a minute, and when the clock was set.
 */
export class WallWatch {
  #clock: Clock;
  #sentAt: number | undefined;
  #sent = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The wall time if the server must get it now. */
  look(): number | undefined {
    const { now, wallTime } = this.#clock;
    if (this.#sentAt !== undefined) {
      const passed = now - this.#sentAt;
      if (passed < 60_000 && Math.abs(wallTime - this.#sent - passed) < 1000) return undefined;
    }
    this.#sentAt = now;
    return (this.#sent = wallTime);
  }
}

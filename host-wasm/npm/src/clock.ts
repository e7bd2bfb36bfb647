/** Whole milliseconds that never go back, from the making of the server on. */
export interface Clock {
  readonly now: number;

  /** Calls `ring` at this time, unless told of another time, or `undefined`, before. */
  wakeAt(time: number | undefined, ring: () => void): void;
}

const longestDelay = 2 ** 31 - 1;

// Taken now, before a test fakes them.
const { setTimeout, clearTimeout, performance } = globalThis;

/** Time as it passes. */
export class RealClock implements Clock {
  #origin = performance.now();
  #timer: number | { unref(): void } | undefined; // as browsers have it, and Node

  get now(): number {
    return Math.floor(performance.now() - this.#origin);
  }

  wakeAt(time: number | undefined, ring: () => void): void {
    clearTimeout(this.#timer as number | undefined);
    this.#timer = undefined;
    if (time === undefined) return;
    // It may ring too early: whoever asked looks at the time, and asks again.
    this.#timer = setTimeout(ring, Math.min(Math.max(time - this.now, 0), longestDelay));
    // A server that nobody talks to must not keep Node running.
    if (typeof this.#timer === 'object') (this.#timer as { unref(): void }).unref();
  }
}

/** Time that stands still until it is set. Nothing rings: whoever sets it runs what is due. */
export class VirtualClock implements Clock {
  now = 0;

  wakeAt(): void {}
}

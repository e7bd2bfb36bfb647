import { effect, type ReadonlySignal, signal } from '@preact/signals';

const everyMs = 250;

/** The time of day, for countdowns: it advances only while it is needed. */
export class WallClock {
  #now = signal(Date.now());
  #timer = 0;

  get now(): ReadonlySignal<number> {
    return this.#now;
  }

  /** Follows whether it is needed. */
  runWhile(isNeeded: () => boolean): void {
    effect(() => {
      clearInterval(this.#timer);
      if (isNeeded()) this.#timer = window.setInterval(() => this.read(), everyMs);
    });
  }

  /** The time now, for a countdown that begins. */
  read(): number {
    return (this.#now.value = Date.now());
  }
}

import { signal } from '@preact/signals';
import type { Server } from './tab-server';

export const speeds = [10, 1, 0.5, 0.1] as const;

/** Advances the server's virtual time: with real time, slower, or not at all. */
export class ServerClock {
  readonly speed = signal<number>(1);
  readonly isPaused = signal(false);
  /** Time stands still while the tab jam is not shown, at any chosen speed. */
  isAsleep = false;
  /** The server's time at the last tick. */
  readonly now = signal(0);

  #server: Server;
  #onTick: (now: number) => void;
  #last = performance.now();
  #remainder = 0; // of a millisecond, from the last tick
  #timer = 0;

  constructor(server: Server, onTick: (now: number) => void) {
    this.#server = server;
    this.#onTick = onTick;
    void this.#tick();
  }

  /** Advances while paused, until the trace has something new, by at most so many milliseconds. */
  async step(hasNews: () => boolean, limitMs = 500): Promise<void> {
    for (let passed = 0; passed < limitMs && !hasNews(); passed += 5) {
      await this.#server.advance(5);
      this.#onTick(this.#server.now);
    }
    this.now.value = this.#server.now;
  }

  read(): number {
    return this.#server.now;
  }

  /** For ever: the server may be closed then. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = -1;
  }

  async #tick(): Promise<void> {
    const real = performance.now();
    // A page that was hidden catches up, but not with hours.
    const passed = Math.min(real - this.#last, 60_000) * this.speed.value + this.#remainder;
    this.#last = real;
    if (!this.isPaused.value && !this.isAsleep) {
      const whole = Math.floor(passed);
      this.#remainder = passed - whole;
      if (whole > 0) await this.#server.advance(whole);
      if (this.#timer < 0) return;
      this.now.value = this.#server.now;
      this.#onTick(this.#server.now);
    }
    if (this.#timer >= 0) this.#timer = window.setTimeout(() => void this.#tick(), 10);
  }
}

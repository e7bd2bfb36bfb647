import { signal } from '@preact/signals';
import type { Server } from './tab-server';

export const speeds = [1, 0.5, 0.1] as const;

/** Lets the server's time pass, as fast as is wanted. */
export class Time {
  readonly speed = signal<number>(1);
  readonly isPaused = signal(false);
  /** Nobody looks: time stands, whatever was chosen. */
  isAsleep = false;
  /** The server's time when it was last looked at. */
  readonly now = signal(0);

  #server: Server;
  #onTick: (now: number) => void;
  #last = performance.now();
  #rest = 0;
  #timer = 0;

  constructor(server: Server, onTick: (now: number) => void) {
    this.#server = server;
    this.#onTick = onTick;
    void this.#tick();
  }

  /** Goes on, while paused, until the trace has something new; or for so long. */
  async step(hasNews: () => boolean, atMost = 500): Promise<void> {
    for (let passed = 0; passed < atMost && !hasNews(); passed += 5) {
      await this.#server.advance(5);
      this.#onTick(this.#server.now);
    }
    this.now.value = this.#server.now;
  }

  stop(): void {
    this.#timer = -1;
  }

  async #tick(): Promise<void> {
    const real = performance.now();
    // A page that was hidden catches up, but not with hours.
    const passed = Math.min(real - this.#last, 60_000) * this.speed.value + this.#rest;
    this.#last = real;
    if (!this.isPaused.value && !this.isAsleep) {
      const whole = Math.floor(passed);
      this.#rest = passed - whole;
      if (whole > 0) await this.#server.advance(whole);
      this.now.value = this.#server.now;
      this.#onTick(this.#server.now);
    }
    if (this.#timer >= 0) this.#timer = window.setTimeout(() => void this.#tick(), 10);
  }
}

import type { Build } from 'downbeat';
import { signal } from '@preact/signals';

/** What a server tells anybody about itself. */
export interface Figures {
  build: Build;
  uptimeSeconds: number;
  /** The gauges of /metrics, by their names without `downbeat_`. */
  gauges: ReadonlyMap<string, number>;
}

const everyMs = 15_000;

/** Asks the server that served the page for its figures: once, and again while somebody looks. */
export class FiguresOfServer {
  readonly latest = signal<Figures | undefined>(undefined);
  #isConnected = false;
  #isWatched = false;
  #timer = 0;
  #askedAt = -Infinity;

  setConnected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    clearTimeout(this.#timer);
    if (isConnected) void this.#ask();
    else this.latest.value = undefined;
  }

  setWatched(isWatched: boolean): void {
    this.#isWatched = isWatched;
    this.#plan();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (!this.#isConnected || !this.#isWatched) return;
    const wait = Math.max(0, this.#askedAt + everyMs - performance.now());
    this.#timer = window.setTimeout(() => void this.#ask(), wait);
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now();
    this.#plan();
    if (document.hidden && this.latest.value) return;
    const figures = await fetchFigures().catch(() => undefined);
    if (this.#isConnected) this.latest.value = figures;
  }
}

async function fetchFigures(): Promise<Figures> {
  const [health, metrics] = await Promise.all([
    fetch('/healthz').then((response) => response.json()),
    // An operator may keep these to themselves.
    fetch('/metrics').then((response) => (response.ok ? response.text() : '')),
  ]);
  const { version, commit = 'unknown', uptimeSeconds } = health as Build & Figures;
  const samples = metrics.matchAll(/^downbeat_(\w+) (\d+)$/gm);
  return {
    build: { version, commit },
    uptimeSeconds,
    gauges: new Map([...samples].map(([, name, value]) => [name!, Number(value)])),
  };
}

import type { Build } from 'downbeat';
import { signal } from '@preact/signals';

/** What a server tells anybody about itself. */
export interface Figures {
  build: Build;
  uptimeSeconds: number;
  /** The gauges of /metrics, by their names without `downbeat_`. */
  gauges: ReadonlyMap<string, number>;
}

const everyMs = 5000;

/** Asks the server that served the page for its figures, as long as somebody looks. */
export class FiguresOfServer {
  readonly latest = signal<Figures | undefined>(undefined);
  isWatched = true;
  #timer = 0;

  /** Asks now, and then every few seconds. */
  start(): void {
    clearTimeout(this.#timer);
    void this.#ask();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.latest.value = undefined;
  }

  async #ask(): Promise<void> {
    const timer = (this.#timer = window.setTimeout(() => void this.#ask(), everyMs));
    if (!this.isWatched || document.hidden) return;
    const figures = await fetchFigures().catch(() => undefined);
    if (timer === this.#timer) this.latest.value = figures;
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

import type { Build } from 'downbeat-server';
import { signal } from '@preact/signals';

interface Health extends Partial<Build> {
  uptimeSeconds?: number;
}

/** A server's build and metrics; values that it does not publish are undefined or missing. */
export interface ServerMetrics {
  build: Build | undefined;
  uptimeSeconds: number | undefined;
  /** The gauges of /metrics, by their names without `downbeat_`. */
  gauges: ReadonlyMap<string, number>;
  /** When they were asked for, on the scale of `performance.now()`. */
  askedAt: number;
}

const everyMs = 15_000;
/** After something has changed them. */
const afterNewsMs = 1000;

/**
 * Fetches the metrics of the server that served the page: when something has changed them, and
 * every 15 s while they are on the screen.
 */
export class ServerMetricsPoller {
  readonly latest = signal<ServerMetrics | undefined>(undefined);
  #isConnected = false;
  #isWatched = false;
  #timer = 0;
  #isOutdated = false;
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

  /** Marks the metrics as outdated, for example because somebody has joined the session. */
  outdate(): void {
    this.#isOutdated = true;
    this.#plan();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (!this.#isConnected || !(this.#isWatched || this.#isOutdated)) return;
    const rest = this.#isOutdated ? afterNewsMs : everyMs;
    const wait = Math.max(0, this.#askedAt + rest - performance.now());
    this.#timer = window.setTimeout(() => void this.#ask(), wait);
  }

  async #ask(): Promise<void> {
    this.#askedAt = performance.now();
    this.#isOutdated = false;
    this.#plan();
    if (document.hidden && this.latest.value) return;
    const metrics = await fetchMetrics();
    if (this.#isConnected) this.latest.value = metrics;
  }
}

/** A proxy may block either path: it then answers with something else, or not at all. */
async function fetchMetrics(): Promise<ServerMetrics> {
  const askedAt = performance.now();
  const [health, metrics] = await Promise.all([
    fetchText('/healthz').then(readHealth),
    fetchText('/metrics'),
  ]);
  const samples = metrics.matchAll(/^downbeat_(\w+) (\d+)$/gm);
  const { version, commit = 'unknown', uptimeSeconds } = health;
  return {
    build: version === undefined ? undefined : { version, commit },
    uptimeSeconds,
    gauges: new Map([...samples].map(([, name, value]) => [name!, Number(value)])),
    askedAt,
  };
}

async function fetchText(path: string): Promise<string> {
  try {
    const response = await fetch(path);
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

function readHealth(text: string): Health {
  try {
    return (JSON.parse(text) ?? {}) as Health;
  } catch {
    return {};
  }
}

import type { LinkConditions } from './link.js';
import { checkedNumber, show, usageError } from './usage.js';
import type { WasmSource } from './wasm-source.js';

/** What the server allows, and how long it waits. Where it says so, 0 lifts a limit. */
export interface Limits {
  /** Milliseconds between a client's answer to a ping and the next ping. 25000 by default. */
  pingInterval?: number;
  /** Milliseconds that a client has to answer a ping. 20000 by default. */
  pingTimeout?: number;
  /** The largest message in bytes. 65536 by default. */
  maxPayload?: number;
  /** Milliseconds that a new connection has to join a namespace. 10000 by default. */
  connectTimeout?: number;
  /** Binary attachments in one event. 10 by default. */
  maxAttachments?: number;
  /** Participants in one session. 10 by default; 0 lifts the limit. */
  maxParticipants?: number;
  /** Sessions at one time. 1000000 by default; 0 lifts the limit. */
  maxSessions?: number;
  /** The largest `session:event` in bytes. 16384 by default; 0 lifts the limit. */
  maxEventBytes?: number;
  /** How deep a payload may nest. 32 by default; 0 lifts the limit. */
  maxDepth?: number;
  /** Characters of a name or an instrument. 32 by default; 0 lifts the limit. */
  maxNameLength?: number;
  /** `session:event`s of one client in a second. 100 by default; 0 lifts the limit. */
  maxEventsPerSecond?: number;
  /** Sessions that one client creates or joins in a minute. 600 by default; 0 lifts the limit. */
  maxJoinsPerMinute?: number;
  /** Likewise of all clients of one address, a link's name. 6000 by default. */
  maxJoinsPerMinuteByAddress?: number;
  /** Joins of one client in a minute that find no session. 30 by default; 0 lifts the limit. */
  maxFailedJoinsPerMinute?: number;
  /** Likewise of all clients of one address, a link's name, in an hour. 100 by default. */
  maxFailedJoinsPerHourByAddress?: number;
  /** Likewise of all in a day, before codes are made harder to guess. 10000 by default. */
  maxFailedJoinsPerDay?: number;
  /** For polling clients, of which there are none here. */
  upgradeTimeout?: number;
  /** For polling clients, of which there are none here. */
  closeTimeout?: number;
  /** For polling clients, of which there are none here. */
  maxQueuedBytes?: number;
  /** For polling clients, of which there are none here. */
  maxQueuedBytesInAll?: number;
}

export interface ServerOptions extends Limits {
  /**
   * Makes every id, room code and accident the same in each run: a whole number, or a BigInt of up
   * to 64 bits. Without it nobody can guess them.
   */
  seed?: number | bigint;
  /** `"real"`, the default: as it passes. `"virtual"`: it stands still until `advance()`. */
  time?: 'real' | 'virtual';
  /** How many characters of trace are kept, the newest. 4194304 by default; 0 keeps none. */
  traceLimit?: number;
  /** The WebAssembly module from elsewhere, in place of the one that is built in. */
  wasm?: WasmSource | Promise<WasmSource>;
}

export interface LinkOptions extends LinkConditions {
  /** What the server takes for the client's address, such as `"Alice"`. */
  name?: string;
}

/** The options, sorted and checked as far as the server does not do so itself. */
export function readServerOptions(given: unknown) {
  const {
    seed,
    time = 'real',
    traceLimit = 2 ** 22,
    wasm,
    ...limits
  } = asObject(given, 'createServer');
  if (time !== 'real' && time !== 'virtual') {
    throw usageError(`time must be "real" or "virtual", not ${show(time)}`);
  }
  if (traceLimit !== Infinity) checkedNumber(traceLimit, 'traceLimit');
  for (const [name, value] of Object.entries(limits)) {
    if (value === undefined) delete limits[name];
    else checkedNumber(value, name);
  }
  return {
    seed,
    time: time as 'real' | 'virtual',
    traceLimit: traceLimit as number,
    wasm: wasm as ServerOptions['wasm'],
    limits: limits as Record<string, number>,
  };
}

/** Refuses limits that the server, which made these settings of them, does not know. */
export function checkLimits(limits: object, settings: Required<Limits>): void {
  for (const name of Object.keys(limits)) {
    if (name in settings) continue;
    const known = ['seed', 'time', 'traceLimit', 'wasm', ...Object.keys(settings)];
    throw usageError(`there is no option ${show(name)}; there are ${known.join(', ')}`);
  }
  const longest = 2 ** 31 - 1;
  if (settings.pingInterval + settings.pingTimeout > longest) {
    throw usageError(
      `pingInterval and pingTimeout together must not be more than ${longest}: ` +
        "no timer of the client's can be set to more",
    );
  }
}

export function readLinkOptions(given: unknown): LinkOptions {
  const { name, latencyMs, jitterMs, loss, ...others } = asObject(given, 'createLink');
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    throw usageError(`a link has no ${show(unknown)}; it has name, latencyMs, jitterMs and loss`);
  }
  return { name, latencyMs, jitterMs, loss } as LinkOptions;
}

function asObject(given: unknown, taker: string): Record<string, unknown> {
  if (given === undefined) return {};
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    return { ...given };
  }
  throw usageError(`${taker}() takes an object of options, not ${show(given)}`);
}

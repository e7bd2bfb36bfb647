import type { Journal } from './journal.js';
import { checkedJournal } from './journal.js';
import type { LinkConditions } from './link.js';
import { checkedNumber, rangeError, show, usageError } from './usage.js';
import type { WasmSource } from './wasm-source.js';

/** Limits and timeouts of the server. Where it says so, 0 lifts a limit. */
export interface Limits {
  // generated: limits
  /** From the handshake, or from the last pong, to the next ping. 25000 ms by default. */
  pingInterval?: number;
  /**
   * How long to wait for the pong before the connection is closed; with `pingInterval` at most
   * 2147483647 in sum. 20000 ms by default.
   */
  pingTimeout?: number;
  /** For polling clients, of which there are none here. */
  upgradeTimeout?: number;
  /** For polling clients, of which there are none here. */
  closeTimeout?: number;
  /**
   * Seconds that a seat is kept for a participant whose connection is lost; 0 keeps none. 120
   * seconds by default.
   */
  reconnectGrace?: number;
  /**
   * Seconds that a participant must be away before a newcomer may take the seat in a full session.
   * 15 seconds by default.
   */
  seatHold?: number;
  /** Size of one WebSocket message or POST. 65536 bytes by default. */
  maxPayload?: number;
  /** For polling clients, of which there are none here. */
  maxMessagesPerSecond?: number;
  /** For polling clients, of which there are none here. */
  maxQueuedBytes?: number;
  /**
   * Send buffers of all clients: once for WebSockets with HTTP responses, once for polling, once
   * for unfinished binary events; past it the clients with the most are disconnected. 268435456
   * bytes by default; 0 lifts the limit.
   */
  maxQueuedBytesInAll?: number;
  /** From the Engine.IO handshake to the first Socket.IO CONNECT. 10000 ms by default. */
  connectTimeout?: number;
  /**
   * From the text of a binary event to its last attachment. 10000 ms by default; 0 lifts the limit.
   */
  attachmentTimeout?: number;
  /**
   * CONNECT packets of one client per minute, before it is disconnected. 10 by default; 0 lifts the
   * limit.
   */
  maxNamespaceConnectsPerMinute?: number;
  /** Binary attachments of one event; 0 allows none. 10 by default. */
  maxAttachments?: number;
  /** Participants in one session. 10 by default; 0 lifts the limit. */
  maxParticipants?: number;
  /** Sessions at one time. 1000000 by default; 0 lifts the limit. */
  maxSessions?: number;
  /**
   * Seats kept at one time for participants of one address who are away; beyond it that address's
   * longest kept one ends. 1000 by default; 0 lifts the limit.
   */
  maxAwaySeatsByAddress?: number;
  /**
   * Seats kept at one time for all participants who are away. 20000 by default; 0 lifts the limit.
   */
  maxAwaySeats?: number;
  /**
   * Size of one `session:event`, its JSON and its attachments together. 16384 bytes by default; 0
   * lifts the limit.
   */
  maxEventBytes?: number;
  /** How deep the payload of an event may nest. 32 levels by default; 0 lifts the limit. */
  maxDepth?: number;
  /** Length of a name or an instrument. 32 characters by default; 0 lifts the limit. */
  maxNameLength?: number;
  /**
   * Each client's `session:event` messages per second, after a burst of three times as many. 100 by
   * default; 0 lifts the limit.
   */
  maxEventsPerSecond?: number;
  /** Creates and joins of one client per minute. 600 by default; 0 lifts the limit. */
  maxJoinsPerMinute?: number;
  /** Creates and joins of one address per minute. 6000 by default; 0 lifts the limit. */
  maxJoinsPerMinuteByAddress?: number;
  /** Joins of one client per minute that find no session. 30 by default; 0 lifts the limit. */
  maxFailedJoinsPerMinute?: number;
  /** Joins of one address per hour that find no session. 100 by default; 0 lifts the limit. */
  maxFailedJoinsPerHourByAddress?: number;
  /**
   * Failed joins per day, over all clients, before lockdown starts (longer codes, two failed joins
   * per address). 10000 by default; 0 lifts the limit.
   */
  maxFailedJoinsPerDay?: number;
  // end of limits
}

export interface ServerOptions extends Limits {
  /**
   * Makes ids, room codes, jitter and loss the same in each run: a whole number, or a BigInt of up
   * to 64 bits. Without it they cannot be predicted.
   */
  seed?: number | bigint;
  /** `"real"`, the default, or `"virtual"`: time stands still until `advance()`. */
  time?: 'real' | 'virtual';
  /** Characters of trace to keep, the newest. 4194304 by default; 0 keeps none. */
  traceLimit?: number;
  /**
   * Where sessions are kept, so that they outlast the server: `memoryJournal()`,
   * `indexedDBJournal(name)`, or your own. Without one they end with the server.
   */
  journal?: Journal;
  /** The WebAssembly module to use instead of the one that is built in. */
  wasm?: WasmSource | Promise<WasmSource>;
}

export interface LinkOptions extends LinkConditions {
  /** The client's address, as the server sees it, such as `"Alice"`. */
  name?: string;
}

/** Limits of a server that is given no others, where the module's own are those of old traces. */
// generated: defaults
const defaults = { reconnectGrace: 120 };
// end of defaults

/** Splits the options, and checks what the server does not check itself. */
export function readServerOptions(given: unknown) {
  const {
    seed,
    time = 'real',
    traceLimit = 2 ** 22,
    journal,
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
    journal: checkedJournal(journal),
    wasm: wasm as ServerOptions['wasm'],
    limits: { ...defaults, ...limits } as Record<string, number>,
  };
}

/** Refuses limits that are missing from the settings, since the server does not know them. */
export function checkLimits(limits: object, settings: Required<Limits>): void {
  for (const name of Object.keys(limits)) {
    if (Object.hasOwn(settings, name)) continue;
    const known = ['seed', 'time', 'traceLimit', 'journal', 'wasm', ...Object.keys(settings)];
    throw usageError(`there is no option ${show(name)}; there are ${known.join(', ')}`);
  }
  const longest = 2 ** 31 - 1;
  if (settings.pingInterval + settings.pingTimeout > longest) {
    throw rangeError(
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

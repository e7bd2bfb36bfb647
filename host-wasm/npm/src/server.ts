import type { Build } from './build.js';
import { buildOf } from './build.js';
import { RealClock, VirtualClock } from './clock.js';
import { Host } from './host.js';
import type { LinkConditions } from './link.js';
import { Link } from './link.js';
import { Machine } from './machine.js';
import type { Limits, LinkOptions, ServerOptions } from './options.js';
import { checkLimits, readLinkOptions, readServerOptions } from './options.js';
import type { Participant } from './events.js';
import type {
  Command,
  ConnectionItem,
  Outcome,
  Page,
  ParticipantItem,
  Query,
  SessionItem,
} from './operations.js';
import { randomSourceMaker } from './random.js';
import { Trace } from './trace.js';
import { transportClass } from './transport.js';
import type { TransportClass } from './transport-class.js';
import { checkedNumber, rangeError, usageError } from './usage.js';

/** The end of virtual time, in milliseconds: 139 years. No trace may have a later time. */
const latest = 2 ** 42 - 1;

/** The state of a server. */
export interface Snapshot {
  sessions: {
    roomCode: string;
    hostId: string;
    participants: Participant[];
    /** Members whose connections are lost, if there are any. */
    away?: Participant[];
  }[];
  sockets: {
    id: string;
    namespace: string;
    connection: number;
    rooms: string[];
    acknowledgementsDue: number;
  }[];
  connections: {
    connection: number;
    transport?: number;
    state: 'open' | 'closing' | 'lingering';
    heartbeat: string;
    heartbeatDeadline?: number;
    [more: string]: unknown;
  }[];
}

type LinkMaker = (name: unknown, conditions: LinkConditions) => Link;

/** A whole Socket.IO server for jam sessions. */
export class Server {
  /** `"real"` or `"virtual"`. */
  readonly time: 'real' | 'virtual';

  /** The build of this server. */
  readonly build: Readonly<Build>;

  /** The limits that are in force. */
  readonly settings: Readonly<Required<Limits>>;

  /** The link of all clients that use `transport`. It has no latency and no loss until changed. */
  readonly link: Link;

  #host: Host;
  #trace: Trace;
  #virtualClock: VirtualClock | undefined;
  #advancing: Promise<void> = Promise.resolve();
  #advances = 0; // calls of advance() that have not ended
  #advancedTo = 0; // the time at which the last of them ends
  #closing: Promise<void> | undefined;
  #makeLink: LinkMaker;
  #links = 0;

  /** @internal */
  static async start(
    given: ServerOptions | undefined,
    compile: (wasm: ServerOptions['wasm']) => Promise<WebAssembly.Module>,
  ): Promise<Server> {
    const options = readServerOptions(given);
    const makeRandomSource = await randomSourceMaker(options.seed);
    const module = await compile(options.wasm);
    const machine = await Machine.start(module);
    const { journal } = options;
    const kept = journal ? { journal: 'host' } : {};
    let header: string;
    try {
      header = machine.create(JSON.stringify({ ...options.limits, ...kept }));
    } catch (error) {
      // The options are known to be numbers from 0 on, so the error is about a range.
      throw rangeError((error as Error).message);
    }
    const { journal: _, ...settings } = JSON.parse(header.slice(header.indexOf('{')));
    checkLimits(options.limits, settings);

    const log = await journal?.open((state, events) => machine.evolve(state, events));
    try {
      const random = makeRandomSource(log?.states ?? []);
      const trace = new Trace(header, options.traceLimit);
      const virtualClock = options.time === 'virtual' ? new VirtualClock() : undefined;
      const clock = virtualClock ?? new RealClock();
      const host = new Host({ machine, clock, random, trace, maxPayload: settings.maxPayload });
      if (journal && log) host.useJournal(journal, log);
      const makeLink = (name: unknown, conditions: LinkConditions) =>
        new Link(name, conditions, random.linkRandomness, (link) => transportClass(host, link));
      return new Server(host, trace, virtualClock, makeLink, settings, buildOf(module));
    } catch (error) {
      await log?.close();
      throw error;
    }
  }

  private constructor(
    host: Host,
    trace: Trace,
    virtualClock: VirtualClock | undefined,
    makeLink: LinkMaker,
    settings: Required<Limits>,
    build: Build,
  ) {
    this.#host = host;
    this.#trace = trace;
    this.#virtualClock = virtualClock;
    this.time = virtualClock ? 'virtual' : 'real';
    this.settings = Object.freeze(settings);
    this.build = Object.freeze(build);
    this.#makeLink = makeLink;
    this.link = makeLink('in-tab', {});
  }

  /** For the stock client: `io("http://localhost", { transports: [server.transport] })`. */
  get transport(): TransportClass {
    return this.link.transport;
  }

  /** Makes a link with conditions of its own, for a client: `transports: [link.transport]`. */
  createLink(options?: LinkOptions): Link {
    const { name = `link ${++this.#links}`, ...conditions } = readLinkOptions(options);
    return this.#makeLink(name, conditions);
  }

  /** The server's time in milliseconds since it was made. */
  get now(): number {
    return this.#host.timeline.now;
  }

  /**
   * Lets virtual time pass. Due actions run in order: messages arrive, clients answer,
   * the server's timeouts expire. When it resolves, clients' events and promises have run. It rejects
   * when clients and server answer each other at one instant without end: time has stopped there,
   * everything else is as it was, and it can be called again.
   */
  advance(ms: number): Promise<void> {
    const clock = this.#virtualClock;
    if (!clock) {
      throw new Error(
        'downbeat: only virtual time can be advanced: createServer({ time: "virtual" })',
      );
    }
    const span = checkedNumber(ms, 'the time to advance', latest);
    if (!Number.isInteger(span)) {
      throw rangeError(`advance() takes whole milliseconds, not ${span}`);
    }
    void this.#host.machine; // throws once the server is closed
    const begin = this.#advances > 0 ? this.#advancedTo : clock.now;
    if (begin + span > latest) {
      throw rangeError(
        `the server's time ends at ${latest} ms: it cannot advance by ${span} from ${begin}`,
      );
    }
    this.#advancedTo = begin + span;
    ++this.#advances;
    // If one call fails, the calls after it still run.
    const advance = this.#advancing.then(() => this.#advance(clock, span));
    this.#advancing = advance.catch(() => {}).then(() => void --this.#advances);
    return advance;
  }

  /** Every message with its time, as the lines of a trace. It contains secrets. */
  get trace(): string[] {
    return this.#trace.lines;
  }

  /** Calls the listener with each line to come; the result is a function that ends this. */
  onTrace(listener: (line: string) => void): () => void {
    if (typeof listener !== 'function')
      throw usageError('onTrace() takes a function, for each line');
    return this.#trace.listen(listener);
  }

  /** The sessions, sockets and connections of now. */
  snapshot(): Snapshot {
    const { connections, application } = this.#host.machine.snapshot() as any;
    return { ...application, connections };
  }

  /**
   * One page of a list. Errors in the query are in the answer, as with the native server.
   */
  query(query: Query & { query: 'sessions' }): Page<SessionItem>;
  query(query: Query & { query: 'participants' }): Page<ParticipantItem>;
  query(query: Query & { query: 'connections' }): Page<ConnectionItem>;
  query(query: Query): Page<SessionItem | ParticipantItem | ConnectionItem>;
  query(query: Query): Page<unknown> {
    return JSON.parse(this.#host.operate('query', jsonOf(query)));
  }

  /** Carries out an operator's command: closes a session, or disconnects a participant. */
  operate(command: Command): Outcome {
    return JSON.parse(this.#host.operate('command', jsonOf(command)));
  }

  /** The server's metrics, and the size of its memory in bytes. */
  measure(): Record<string, number> {
    const { machine } = this.#host;
    return { ...(machine.measure() as object), memory_bytes: machine.memory };
  }

  /** Why the journal's last write has failed; `undefined` if it has not. */
  get journalError(): Error | undefined {
    return this.#host.journalError;
  }

  /**
   * Ends the server as SIGTERM ends the native one that does not drain (`--drain-timeout 0`): all
   * clients, also those that are still connecting, get what was sent to them before, and then the
   * end of their connection. Writes what the journal does not have yet, and frees the memory.
   */
  close(): Promise<void> {
    return (this.#closing ??= this.#host.close());
  }

  async #advance(clock: VirtualClock, span: number): Promise<void> {
    const { timeline } = this.#host;
    const end = clock.now + span;
    await this.#host.settle();
    while (timeline.next !== undefined && timeline.next <= end) {
      clock.now = Math.max(clock.now, timeline.next);
      timeline.run();
      await this.#host.settle();
    }
    clock.now = end;
  }
}

/** What JSON cannot say is for the server to refuse. */
function jsonOf(request: unknown): string {
  return JSON.stringify(request) ?? '';
}

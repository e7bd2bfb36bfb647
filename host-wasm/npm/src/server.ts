import type { Build } from './build.js';
import { buildOf } from './build.js';
import { RealClock, VirtualClock } from './clock.js';
import { Host } from './host.js';
import { Link } from './link.js';
import { Machine } from './machine.js';
import type { Limits, LinkOptions, ServerOptions } from './options.js';
import { checkLimits, readLinkOptions, readServerOptions } from './options.js';
import type { Participant } from './events.js';
import { makeChance } from './random.js';
import { Trace } from './trace.js';
import type { TransportClass } from './transport-class.js';
import { checkedNumber, usageError } from './usage.js';

/** The state of a server. */
export interface Snapshot {
  sessions: { roomCode: string; hostId: string; participants: Participant[] }[];
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

/** A whole Socket.IO server for jam sessions. */
export class Server {
  /** `"real"` or `"virtual"`. */
  readonly time: 'real' | 'virtual';

  /** Which build this server is of. */
  readonly build: Readonly<Build>;

  /** The limits that are in force. */
  readonly settings: Readonly<Required<Limits>>;

  /** The link of all clients that use `transport`. It is perfect until told otherwise. */
  readonly link: Link;

  #host: Host;
  #trace: Trace;
  #virtualClock: VirtualClock | undefined;
  #advancing: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #links = 0;

  /** @internal */
  static async start(
    given: ServerOptions | undefined,
    compile: (wasm: ServerOptions['wasm']) => Promise<WebAssembly.Module>,
  ): Promise<Server> {
    const options = readServerOptions(given);
    const chance = await makeChance(options.seed);
    const module = await compile(options.wasm);
    const machine = await Machine.start(module);
    let header: string;
    try {
      header = machine.create(JSON.stringify(options.limits));
    } catch (error) {
      throw usageError((error as Error).message);
    }
    const settings = JSON.parse(header.slice(header.indexOf('{')));
    checkLimits(options.limits, settings);

    const trace = new Trace(header, options.traceLimit);
    const virtualClock = options.time === 'virtual' ? new VirtualClock() : undefined;
    const clock = virtualClock ?? new RealClock();
    const host = new Host({ machine, clock, chance, trace, maxPayload: settings.maxPayload });
    return new Server(host, trace, virtualClock, settings, buildOf(module));
  }

  private constructor(
    host: Host,
    trace: Trace,
    virtualClock: VirtualClock | undefined,
    settings: Required<Limits>,
    build: Build,
  ) {
    this.#host = host;
    this.#trace = trace;
    this.#virtualClock = virtualClock;
    this.time = virtualClock ? 'virtual' : 'real';
    this.settings = Object.freeze(settings);
    this.build = Object.freeze(build);
    this.link = new Link(host, 'in-tab', {});
  }

  /** For the stock client: `io("http://localhost", { transports: [server.transport] })`. */
  get transport(): TransportClass {
    return this.link.transport;
  }

  /** A link for a client that is to have conditions of its own: `transports: [link.transport]`. */
  createLink(options?: LinkOptions): Link {
    const { name = `link ${++this.#links}`, ...conditions } = readLinkOptions(options);
    return new Link(this.#host, name, conditions);
  }

  /** The server's time in milliseconds since it was made. */
  get now(): number {
    return this.#host.timeline.now;
  }

  /**
   * Lets virtual time pass. Whatever falls into it happens in its order: messages arrive, clients
   * answer, the server's time-outs strike. When it resolves, clients' events and promises have
   * run.
   */
  advance(ms: number): Promise<void> {
    const clock = this.#virtualClock;
    if (!clock) {
      throw new Error(
        'downbeat: only virtual time can be advanced: createServer({ time: "virtual" })',
      );
    }
    const span = checkedNumber(ms, 'the time to advance');
    if (!Number.isInteger(span))
      throw usageError(`advance() takes whole milliseconds, not ${span}`);
    void this.#host.machine; // throws once the server is closed
    this.#advancing = this.#advancing.then(() => this.#advance(clock, span));
    return this.#advancing;
  }

  /** What crossed the wire and when, as the lines of a trace. Whoever reads it knows all secrets. */
  get trace(): string[] {
    return this.#trace.lines;
  }

  /** Calls the listener with each line to come; the result is a function that ends this. */
  onTrace(listener: (line: string) => void): () => void {
    if (typeof listener !== 'function')
      throw usageError('onTrace() takes a function, for each line');
    return this.#trace.listen(listener);
  }

  /** Who is there. */
  snapshot(): Snapshot {
    const { connections, application } = this.#host.machine.snapshot() as any;
    return { ...application, connections };
  }

  /** What the server counts, and the size of its memory in bytes. */
  measure(): Record<string, number> {
    const { machine } = this.#host;
    return { ...(machine.measure() as object), memory_bytes: machine.memory };
  }

  /** Tells all clients that the server shuts down, and lets go of its memory. */
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

import type { Clock } from './clock.js';
import type { ClientEnd } from './connection.js';
import { Connection } from './connection.js';
import { fact } from './fact.js';
import type { Link } from './link.js';
import type { Machine } from './machine.js';
import type { Orders } from './order.js';
import { carryOut } from './order.js';
import type { Frame } from './packet.js';
import type { Chance, SplitMix64 } from './random.js';
import { Timeline } from './timeline.js';
import type { Trace } from './trace.js';
import { turn } from './turn.js';

/** What a host is made of. */
export interface HostParts {
  machine: Machine;
  clock: Clock;
  chance: Chance;
  trace: Trace;
  maxPayload: number;
}

/** Runs the server: tells it what happens, and carries out what it orders. */
export class Host {
  readonly timeline: Timeline;

  /** Promises without which nobody can say what happens next: blobs that are being read. */
  readonly underway = new Set<Promise<unknown>>();

  #machine: Machine | undefined;
  #chance: Chance;
  #trace: Trace;
  #maxPayload: number;
  #connectionsMade = 0;
  #connections = new Map<number, Connection>(); // those that the server knows
  #isOpen = true;

  constructor(parts: HostParts) {
    this.#machine = parts.machine;
    this.#chance = parts.chance;
    this.#trace = parts.trace;
    this.#maxPayload = parts.maxPayload;
    this.timeline = new Timeline(parts.clock, () => this.#step(fact.deadline));
  }

  /** The server's own state. Throws once it is closed. */
  get machine(): Machine {
    if (this.#machine) return this.#machine;
    throw new Error('downbeat: the server is closed; make a new one with createServer()');
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  get weather(): SplitMix64 {
    return this.#chance.weather;
  }

  /** A new connection, which is still to be opened. */
  makeConnection(link: Link, client: ClientEnd): Connection {
    return new Connection(++this.#connectionsMade, this, link, client);
  }

  // What connections bring.

  connecting(connection: Connection, query: string, address: string): void {
    if (!this.#isOpen) return connection.shutDown();
    this.#connections.set(connection.id, connection);
    const entropy = this.#chance.entropy();
    this.#step(fact.connecting(connection.id, { query, address, entropy }));
  }

  received({ id }: Connection, frame: Frame): void {
    const isTooLarge = isLongerThan(this.#maxPayload, frame);
    this.#step(isTooLarge ? fact.tooLarge(id) : fact.received(id, frame));
  }

  lost({ id }: Connection): void {
    if (this.#connections.delete(id)) this.#step(fact.closed(id));
  }

  /** Lets clients and server answer each other until nothing more happens at this time. */
  async settle(): Promise<void> {
    let before: number;
    do {
      before = this.timeline.happened;
      await Promise.allSettled(this.underway);
      await turn();
    } while (this.timeline.isDue || this.timeline.happened !== before || this.underway.size > 0);
  }

  /** Tells the clients, wherever they are, and lets go of the memory. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const connections = [...this.#connections.values()];
    this.#step(fact.shutdown);
    await this.settle();
    this.#end(connections);
    await turn();
  }

  #end(connections: Iterable<Connection>): void {
    this.#isOpen = false;
    this.#machine = undefined;
    this.timeline.stop();
    for (const connection of connections) connection.shutDown();
    this.#connections.clear();
  }

  /** Everything that the server does, it does in here. */
  #step(what: string): void {
    const line = `${this.timeline.now} > ${what}`;
    let orders: string;
    try {
      orders = this.machine.step(line);
    } catch (cause) {
      this.#end([...this.#connections.values()]);
      throw new Error(`downbeat: the server broke down at: ${line}`, { cause });
    }
    for (const order of orders.split('\n')) carryOut(order, this.#orders);
    this.#trace.add(`${line}\n${orders}`);
  }

  #orders: Orders = {
    accept: (id) => this.#connections.get(id)?.accept(),
    send: (id, frame) => this.#connections.get(id)?.deliver(frame),
    refuse: (id, status, body) => this.#forget(id)?.refuse(status, body),
    close: (id, code) => this.#forget(id)?.hangUp(code),
    wait: (deadline) => void (this.timeline.deadline = deadline),
  };

  #forget(id: number): Connection | undefined {
    const connection = this.#connections.get(id);
    this.#connections.delete(id);
    return connection;
  }
}

const encoder = new TextEncoder();

function isLongerThan(bytes: number, frame: Frame): boolean {
  if (typeof frame !== 'string') return frame.length > bytes;
  // Three bytes of UTF-8 are the most for each unit of UTF-16.
  return frame.length * 3 > bytes && encoder.encode(frame).length > bytes;
}

import type { Host } from './host.js';
import { transportClass } from './transport.js';
import type { TransportClass } from './transport-class.js';
import { checkedNumber, show, usageError } from './usage.js';

/** What the way between a client and the server is like. */
export interface LinkConditions {
  /** Milliseconds that each message takes, in either direction. 0 by default. */
  latencyMs?: number;
  /** Up to so many milliseconds more, by chance. Messages keep their order. 0 by default. */
  jitterMs?: number;
  /** How likely it is, from 0 to 1, that a message breaks the connection. 0 by default. */
  loss?: number;
}

/** A connection, as far as its link is concerned. */
export interface LinkUser {
  /** Both ends hear that the connection is lost. */
  lose(): void;
  /** What was held up goes on. */
  resume(): void;
}

/** A client's way to the server, or that of several who share it. */
export class Link {
  /** What the server takes for the client's address. */
  readonly name: string;

  /** For the stock client: `io("http://localhost", { transports: [link.transport] })`. */
  readonly transport: TransportClass;

  #host: Host;
  #users = new Set<LinkUser>();
  #latency = 0;
  #jitter = 0;
  #loss = 0;
  #isPlugged = true;

  /** @internal `server.createLink()` makes them. */
  constructor(host: Host, name: unknown, conditions: LinkConditions) {
    if (typeof name !== 'string' || name === '') {
      throw usageError(`a link's name must be a string with something in it, not ${show(name)}`);
    }
    this.#host = host;
    this.name = name;
    this.latencyMs = conditions.latencyMs ?? 0;
    this.jitterMs = conditions.jitterMs ?? 0;
    this.loss = conditions.loss ?? 0;
    this.transport = transportClass(host, this);
  }

  get latencyMs(): number {
    return this.#latency;
  }
  set latencyMs(value: number) {
    this.#latency = checkedNumber(value, 'latencyMs');
  }

  get jitterMs(): number {
    return this.#jitter;
  }
  set jitterMs(value: number) {
    this.#jitter = checkedNumber(value, 'jitterMs');
  }

  get loss(): number {
    return this.#loss;
  }
  set loss(value: number) {
    if (checkedNumber(value, 'loss') > 1)
      throw usageError(`loss must be from 0 to 1, not ${value}`);
    this.#loss = value;
  }

  get isPlugged(): boolean {
    return this.#isPlugged;
  }

  /**
   * Pulls the plug: nothing passes in either direction, and neither side is told; their heartbeats
   * will find out. What is sent meanwhile waits, as it does in TCP. New connections fail.
   */
  unplug(): void {
    this.#isPlugged = false;
  }

  /** Puts the plug back: what waited goes on, on connections that both sides still believe in. */
  plug(): void {
    if (this.#isPlugged) return;
    this.#isPlugged = true;
    for (const user of [...this.#users]) user.resume();
  }

  /** Breaks every connection that is there now. Both sides are told, and nothing else arrives. */
  drop(): void {
    for (const user of [...this.#users]) user.lose();
  }

  /** @internal */
  add(user: LinkUser): void {
    this.#users.add(user);
  }

  /** @internal */
  remove(user: LinkUser): void {
    this.#users.delete(user);
  }

  /** @internal How long the next message takes. */
  drawDelay(): number {
    const more = this.#jitter > 0 ? this.#jitter * this.#host.weather.fraction() : 0;
    return Math.round(this.#latency + more);
  }

  /** @internal Whether the next message breaks its connection. */
  drawLoss(): boolean {
    return this.#loss > 0 && this.#host.weather.fraction() < this.#loss;
  }
}

import type { SplitMix64 } from './random.js';
import type { TransportClass } from './transport-class.js';
import { wellFormed } from './text.js';
import { checkedNumber, show, usageError } from './usage.js';

/** In milliseconds: 24 days, which is what a timer can be set to. */
const longestDelay = 2 ** 31 - 1;

/** Latency, jitter and loss between a client and the server. */
export interface LinkConditions {
  /** Milliseconds that each message takes, in either direction. 0 by default. */
  latencyMs?: number;
  /** The most milliseconds added at random. Messages keep their order. 0 by default. */
  jitterMs?: number;
  /** Probability, from 0 to 1, that a message breaks the connection. 0 by default. */
  loss?: number;
}

/** A connection, as its link sees it. */
export interface LinkUser {
  /** Notifies both ends that the connection is lost. */
  lose(): void;
  /** Delivers the messages that waited while the link was unplugged. */
  resume(): void;
}

/** A client's network path to the server; several clients may share one. */
export class Link {
  /** The client's address, as the server sees it. */
  readonly name: string;

  /** For the stock client: `io("http://localhost", { transports: [link.transport] })`. */
  readonly transport: TransportClass;

  #randomness: SplitMix64;
  #users = new Set<LinkUser>();
  #latency = 0;
  #jitter = 0;
  #loss = 0;
  #isPlugged = true;

  /** @internal `server.createLink()` makes them. */
  constructor(
    name: unknown,
    conditions: LinkConditions,
    randomness: SplitMix64,
    makeTransport: (link: Link) => TransportClass,
  ) {
    if (typeof name !== 'string' || name === '') {
      throw usageError(`a link's name must be a string with something in it, not ${show(name)}`);
    }
    if (wellFormed(name) !== name) {
      throw usageError(`a link's name must not have half a surrogate pair in it: ${show(name)}`);
    }
    this.#randomness = randomness;
    this.name = name;
    const { latencyMs = 0, jitterMs = 0, loss = 0 } = conditions;
    Object.assign(this, { latencyMs, jitterMs, loss });
    this.transport = makeTransport(this);
  }

  get latencyMs(): number {
    return this.#latency;
  }
  set latencyMs(value: number) {
    this.#latency = checkedNumber(value, 'latencyMs', longestDelay);
  }

  get jitterMs(): number {
    return this.#jitter;
  }
  set jitterMs(value: number) {
    this.#jitter = checkedNumber(value, 'jitterMs', longestDelay);
  }

  get loss(): number {
    return this.#loss;
  }
  set loss(value: number) {
    this.#loss = checkedNumber(value, 'loss', 1);
  }

  get isPlugged(): boolean {
    return this.#isPlugged;
  }

  /**
   * Stops all messages in both directions. Neither side is notified until its heartbeat times out.
   * Messages that are sent meanwhile wait, as in TCP. New connections fail.
   */
  unplug(): void {
    this.#isPlugged = false;
  }

  /** Delivers waiting messages, on connections that neither side has given up. */
  plug(): void {
    if (this.#isPlugged) return;
    this.#isPlugged = true;
    for (const user of [...this.#users]) user.resume();
  }

  /** Breaks all current connections. Both sides are notified; messages in flight are lost. */
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
    const more = this.#jitter > 0 ? this.#jitter * this.#randomness.fraction() : 0;
    return Math.round(this.#latency + more);
  }

  /** @internal Whether the next message breaks its connection. */
  drawLoss(): boolean {
    return this.#loss > 0 && this.#randomness.fraction() < this.#loss;
  }
}

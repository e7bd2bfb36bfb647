import type { Link, LinkUser } from './link.js';
import { queueMacrotask } from './macrotask.js';
import { OneWayPipe } from './one-way-pipe.js';
import type { Frame } from './packet.js';
import type { Timeline } from './timeline.js';

/** The client at one end of a connection. */
export interface ClientEnd {
  opened(): void;
  received(frame: Frame): void;
  closed(description: string, code?: number): void;
  failed(description: string, context?: unknown): void;
}

/** The server at the other end, for all connections. */
export interface ServerEnd {
  readonly timeline: Timeline;
  connecting(connection: Connection, query: string, address: string): void;
  received(connection: Connection, frame: Frame): void;
  lost(connection: Connection): void;

  /** Registers a client that must be notified when the server ends. */
  addClient(connection: Connection): void;
  removeClient(connection: Connection): void;
}

/**
 * A connection between a client and the server, over a link. Neither end is called back within its
 * own call: each message has a macrotask of its own.
 */
export class Connection implements LinkUser {
  readonly id: number;
  /** Messages that the server has received from the client. */
  received = 0;
  #server: ServerEnd;
  #link: Link;
  #client: ClientEnd;
  #up: OneWayPipe;
  #down: OneWayPipe;
  #hasClient = true;
  #hasServer = true;

  constructor(id: number, server: ServerEnd, link: Link, client: ClientEnd) {
    this.id = id;
    this.#server = server;
    this.#link = link;
    this.#client = client;
    this.#up = new OneWayPipe(server.timeline, link);
    this.#down = new OneWayPipe(server.timeline, link);
    link.add(this);
    server.addClient(this);
  }

  get link(): Link {
    return this.#link;
  }

  // The client's side.

  open(query: string): void {
    this.#up.carry(() => this.#server.connecting(this, query, this.#link.name));
  }

  send(frame: Frame): void {
    if (this.#link.drawLoss()) this.lose();
    else this.#up.carry(() => this.#server.received(this, frame));
  }

  /** The client leaves and is not called any more. */
  leave(): void {
    this.#removeClient();
    this.#up.carry(() => {
      this.#removeServer();
      this.#server.lost(this);
    });
  }

  // The server's side.

  accept(): void {
    this.#down.carry(() => this.#client.opened());
  }

  deliver(frame: Frame): void {
    if (this.#link.drawLoss()) this.lose();
    else this.#down.carry(() => this.#client.received(frame));
  }

  refuse(status: number, body: string): void {
    this.#removeServer();
    this.#down.carry(() => {
      this.#removeClient();
      this.#client.failed('the server refused the connection', { status, body });
    });
  }

  /** The server closes the connection and is not called any more. */
  close(code: number): void {
    this.#removeServer();
    this.#down.carry(() => {
      this.#removeClient();
      this.#client.closed('the server closed the connection', code);
    });
  }

  /**
   * The server is gone: the client gets what the server has sent and then the end, without delay.
   * The timeline has stopped, so each of these is queued as a macrotask directly.
   */
  shutDown(): void {
    if (!this.#hasClient) return;
    const client = this.#client;
    const arrivals = this.#down.takeAll();
    this.#removeServer();
    this.#removeClient();
    for (const arrival of arrivals) queueMacrotask(arrival);
    // If one of these has closed the client, it ignores this.
    queueMacrotask(() => client.closed('the server was shut down'));
  }

  // The link's side.

  lose(): void {
    const { timeline } = this.#server;
    if (this.#hasServer) timeline.at(timeline.now, () => this.#server.lost(this));
    if (this.#hasClient) {
      timeline.at(timeline.now, () => this.#client.closed('the connection was lost'));
    }
    this.#removeServer();
    this.#removeClient();
  }

  resume(): void {
    this.#up.resume();
    this.#down.resume();
  }

  #removeClient(): void {
    this.#hasClient = false;
    this.#server.removeClient(this);
    this.#down.close();
    this.#forgetWithoutEnds();
  }

  #removeServer(): void {
    this.#hasServer = false;
    this.#up.close();
    this.#forgetWithoutEnds();
  }

  #forgetWithoutEnds(): void {
    if (!this.#hasClient && !this.#hasServer) this.#link.remove(this);
  }
}

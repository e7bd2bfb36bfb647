import type { Host } from './host.js';
import { Lane } from './lane.js';
import type { Link, LinkUser } from './link.js';
import type { Frame } from './packet.js';
import { nextTurn } from './turn.js';

/** What a client hears of its connection. */
export interface ClientEnd {
  opened(): void;
  received(frame: Frame): void;
  closed(description: string, code?: number): void;
  failed(description: string, context?: unknown): void;
}

/** A connection between a client and the server, over a link. Neither hears anything at once. */
export class Connection implements LinkUser {
  readonly id: number;
  #host: Host;
  #link: Link;
  #client: ClientEnd;
  #up: Lane;
  #down: Lane;
  #hasClient = true;
  #hasServer = true;

  constructor(id: number, host: Host, link: Link, client: ClientEnd) {
    this.id = id;
    this.#host = host;
    this.#link = link;
    this.#client = client;
    this.#up = new Lane(host.timeline, link);
    this.#down = new Lane(host.timeline, link);
    link.add(this);
  }

  // The client's side.

  open(query: string): void {
    this.#up.carry(() => this.#host.connecting(this, query, this.#link.name));
  }

  send(frame: Frame): void {
    if (this.#link.drawLoss()) this.lose();
    else this.#up.carry(() => this.#host.received(this, frame));
  }

  /** The client leaves, and hears no more. */
  leave(): void {
    this.#removeClient();
    this.#up.carry(() => {
      this.#removeServer();
      this.#host.lost(this);
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

  /** The server has closed the connection, and hears no more. */
  hangUp(code: number): void {
    this.#removeServer();
    this.#down.carry(() => {
      this.#removeClient();
      this.#client.closed('the server closed the connection', code);
    });
  }

  /** The server is gone: the client is told without delay. */
  shutDown(): void {
    const client = this.#hasClient ? this.#client : undefined;
    this.#removeServer();
    this.#removeClient();
    if (client) nextTurn(() => client.closed('the server was shut down'));
  }

  // The link's side.

  lose(): void {
    const { timeline } = this.#host;
    if (this.#hasServer) timeline.at(timeline.now, () => this.#host.lost(this));
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

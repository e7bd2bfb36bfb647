// The transport that the stock client talks through. It is built to the client's measure and from
// none of its classes, so that it works with every build of it, minified bundles included.

import type { ClientEnd, Connection } from './connection.js';
import { Emitter } from './emitter.js';
import type { Host } from './host.js';
import type { Link } from './link.js';
import { queueMacrotask } from './macrotask.js';
import type { BinaryType, Frame, Packet } from './packet.js';
import { decodePacket, encodePacket } from './packet.js';
import { wellFormed } from './text.js';
import type { TransportClass } from './transport-class.js';
import { usageError } from './usage.js';

/** What the client gives a transport. */
interface TransportOptions {
  query?: Record<string, unknown>;
  socket: { binaryType: BinaryType };
  forceBase64?: boolean;
}

/** A class of transports that lead to this host over this link. */
export function transportClass(host: Host, link: Link): TransportClass {
  return class extends InTabTransport {
    constructor(options: TransportOptions) {
      super(host, link, options);
    }
  };
}

class TransportError extends Error {
  readonly type = 'TransportError';
  readonly description: unknown;
  readonly context: unknown;

  constructor(message: string, description: string, context: unknown) {
    super(`${message}: ${description}`);
    this.description = description;
    this.context = context;
  }
}

class InTabTransport extends Emitter implements ClientEnd {
  // These the client reads, and writes too: `query.sid`, once it has one.
  readonly query: Record<string, unknown>;
  readonly opts: TransportOptions;
  readonly socket: TransportOptions['socket'];
  readonly supportsBinary: boolean;
  readyState: '' | 'opening' | 'open' | 'closed' = '';
  writable = false;

  #host: Host;
  #link: Link;
  #connection: Connection | undefined;
  #hasReceived = false;

  constructor(host: Host, link: Link, options: TransportOptions) {
    super();
    if (typeof options?.socket !== 'object') {
      throw usageError(
        'a transport is for the client to make: io(url, { transports: [server.transport] })',
      );
    }
    this.#host = host;
    this.#link = link;
    this.opts = options;
    this.query = options.query ?? {};
    this.socket = options.socket;
    this.supportsBinary = !options.forceBase64;
  }

  /** The client looks for it on the prototype. */
  get name(): string {
    return 'downbeat';
  }

  open(): this {
    this.readyState = 'opening';
    const obstacle = this.#obstacle();
    if (obstacle) {
      queueMacrotask(() => this.failed(obstacle));
      return this;
    }
    let query: string;
    try {
      query = this.#queryString();
    } catch (error) {
      queueMacrotask(() => this.failed('the query cannot be written as text', error));
      return this;
    }
    this.#connection = this.#host.makeConnection(this.#link, this);
    this.#connection.open(query);
    return this;
  }

  close(): this {
    if (this.readyState === 'opening' || this.readyState === 'open') {
      this.#connection?.leave();
      this.#emitClose();
    }
    return this;
  }

  /** For an upgrade to another transport, which this one has no need of. */
  pause(onPause: () => void): void {
    queueMacrotask(onPause);
  }

  send(packets: Packet[]): void {
    if (this.readyState !== 'open') return;
    this.writable = false;
    const sending = this.#sendInOrder(packets);
    if (!sending) return queueMicrotask(() => this.#drained());
    this.#host.pending.add(sending);
    void sending.finally(() => {
      this.#host.pending.delete(sending);
      this.#drained();
    });
  }

  // What the connection brings, never while it is being opened.

  opened(): void {
    if (this.readyState !== 'opening') return;
    this.readyState = 'open';
    this.writable = true;
    this.emit('open');
  }

  received(frame: Frame): void {
    if (this.readyState !== 'open') return;
    this.#hasReceived = true;
    this.emit('packet', decodePacket(frame, this.socket.binaryType));
  }

  closed(description: string, code?: number): void {
    // Before the handshake the client listens for an error, not for a close.
    if (!this.#hasReceived) return this.failed(description, { code });
    if (this.readyState === 'closed') return;
    this.#emitClose({ description, context: code === undefined ? undefined : { code } });
  }

  failed(description: string, context?: unknown): void {
    if (this.readyState === 'closed') return;
    this.emit('error', new TransportError('downbeat error', description, context));
  }

  #emitClose(details?: unknown): void {
    this.readyState = 'closed';
    this.writable = false;
    this.emit('close', details);
  }

  /** Sends at once what can be sent at once; the rest, from the first blob on, is promised. */
  #sendInOrder(packets: Packet[], from = 0): Promise<void> | undefined {
    for (let i = from; i < packets.length; ++i) {
      const frame = encodePacket(packets[i]!, !this.supportsBinary);
      if (frame instanceof Promise) {
        const skip = () => {}; // a blob that cannot be read is lost, as on a WebSocket
        return frame
          .then((read) => this.#sendFrame(read), skip)
          .then(() => this.#sendInOrder(packets, i + 1));
      }
      this.#sendFrame(frame);
    }
    return undefined;
  }

  #sendFrame(frame: Frame): void {
    if (this.readyState === 'open') this.#connection?.send(frame);
  }

  /** Once for each `send`, and never within it: the client has to take the packets off its list. */
  #drained(): void {
    if (this.readyState !== 'open') return;
    this.writable = true;
    this.emit('drain');
  }

  #obstacle(): string | undefined {
    if (!this.#host.isOpen) return 'the server is closed';
    if (!this.#link.isPlugged) return `the link ${JSON.stringify(this.#link.name)} is unplugged`;
    return undefined;
  }

  #queryString(): string {
    // The server knows two kinds of transports, and this is like the second one.
    const query = {
      ...this.query,
      transport: 'websocket',
      ...(this.supportsBinary ? {} : { b64: 1 }),
    };
    const encode = (text: string) => encodeURIComponent(wellFormed(text));
    return Object.entries(query)
      .map(([key, value]) => `${encode(key)}=${encode(String(value))}`)
      .join('&');
  }
}

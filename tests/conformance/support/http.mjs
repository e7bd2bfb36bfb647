// HTTP/1.1 by hand: requests are sent exactly as written, and responses are read strictly.
import assert from 'node:assert/strict';
import net from 'node:net';

import { within } from './patience.mjs';

const headEnd = Buffer.from('\r\n\r\n');

/** One connection, on which one request after the other can be sent. */
export class HttpConnection {
  #received = Buffer.alloc(0);
  #wake = () => {};
  #isOver = false;

  constructor(port) {
    this.socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (bytes) => {
      this.#received = Buffer.concat([this.#received, bytes]);
      this.#wake();
    });
    for (const end of ['end', 'close', 'error']) {
      this.socket.on(end, () => {
        this.#isOver = true;
        this.#wake();
      });
    }
    this.connected = new Promise((resolve) => this.socket.once('connect', resolve));
  }

  write(bytes) {
    this.socket.write(bytes);
  }

  /** Cuts the connection without a proper end. */
  destroy() {
    this.socket.destroy();
  }

  /** Bytes that arrived behind the last response; the caller reads from the socket from now on. */
  release() {
    this.socket.removeAllListeners('data');
    return this.#received;
  }

  /** Reads until the reader finds what it looks for; null if the connection ends before. */
  async #read(find) {
    for (;;) {
      const found = find(this.#received);
      if (found !== undefined) return found;
      if (this.#isOver) return null;
      await new Promise((resolve) => (this.#wake = resolve));
    }
  }

  async #take(length) {
    const bytes = await this.#read((all) =>
      all.length >= length ? all.subarray(0, length) : undefined,
    );
    if (bytes === null) throw new Error('the connection ended inside of a response');
    this.#received = this.#received.subarray(length);
    return bytes;
  }

  async #takeUntil(end) {
    const length = await this.#read((all) => {
      const at = all.indexOf(end);
      return at === -1 ? undefined : at + end.length;
    });
    return length === null ? null : this.#take(length);
  }

  /** The next response, or null if the connection ends without one. */
  async response(isHead = false) {
    const head = await this.#takeUntil(headEnd);
    if (head === null) return null;
    const [statusLine, ...lines] = head.toString('latin1').trimEnd().split('\r\n');
    const headers = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    const status = Number(/^HTTP\/1\.1 (\d{3})( |$)/.exec(statusLine)[1]);
    const bytes =
      isHead || status === 101 || status === 204 ? Buffer.alloc(0) : await this.#body(headers);
    return { status, headers, bytes, body: bytes.toString() };
  }

  async #body(headers) {
    if (headers['transfer-encoding'] === 'chunked') {
      const chunks = [];
      for (;;) {
        const line = await this.#takeUntil(Buffer.from('\r\n'));
        const size = parseInt(line.toString(), 16);
        chunks.push((await this.#take(size + 2)).subarray(0, size));
        if (size === 0) return Buffer.concat(chunks);
      }
    }
    return this.#take(Number(headers['content-length'] ?? 0));
  }
}

/** The text of a request. A body has a Content-Length unless the headers say otherwise. */
export function requestText({ method = 'GET', target, headers = {}, body }) {
  const all = { Host: '127.0.0.1', ...headers };
  const isFramed = 'Content-Length' in all || 'Transfer-Encoding' in all;
  if (body !== undefined && !isFramed) all['Content-Length'] = Buffer.byteLength(body);
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
  return body === undefined ? head : Buffer.concat([head, Buffer.from(body)]);
}

/** Sends a request on a connection of its own. */
export function send(server, request) {
  const connection = new HttpConnection(server.port);
  const sent = new Promise((resolve) => connection.socket.write(requestText(request), resolve));
  let isAnswered = false;
  const response = within(connection.response(request.method === 'HEAD'), 'a response').finally(
    () => {
      isAnswered = true;
      connection.destroy();
    },
  );
  response.catch(() => {});
  return {
    /** The response, or null if the connection was cut instead. */
    response,
    get isAnswered() {
      return isAnswered;
    },
    /**
     * Waits until the server has read the request: it reads new connections in the order in which
     * they came, so the answer to a later one shows it.
     */
    async arrived() {
      await within(sent, 'a request to be sent');
      assert.equal((await send(server, { target: '/nowhere' }).response).status, 404);
    },
    write: (bytes) => connection.write(bytes),
    abort: () => connection.destroy(),
  };
}

/** Sends a request and waits for the response. */
export const request = (server, options) => send(server, options).response;

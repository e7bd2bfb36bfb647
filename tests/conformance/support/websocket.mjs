// A WebSocket client by hand (RFC 6455), which can also break every rule.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';

import { HttpConnection, requestText } from './http.mjs';
import { within, sleep } from './patience.mjs';

export const opcode = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 };

/** The bytes of one frame; clients mask theirs. */
export function encodeFrame(op, payload = '', { fin = true, masked = true, reserved = 0 } = {}) {
  const data = Buffer.from(payload);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | op;
  const bit = masked ? 0x80 : 0;
  let head;
  if (data.length < 126) {
    head = Buffer.from([first, bit | data.length]);
  } else if (data.length < 65536) {
    head = Buffer.from([first, bit | 126, data.length >> 8, data.length & 0xff]);
  } else {
    head = Buffer.alloc(10);
    head.set([first, bit | 127]);
    head.writeUInt32BE(data.length, 6);
  }
  if (!masked) return Buffer.concat([head, data]);
  const mask = randomBytes(4);
  for (let i = 0; i < data.length; ++i) data[i] ^= mask[i % 4];
  return Buffer.concat([head, mask, data]);
}

/** The request that opens a WebSocket. */
export function upgradeText(target, headers = {}) {
  return requestText({
    target,
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version': '13',
      ...headers,
    },
  });
}

const accepted = createHash('sha1')
  .update('dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11')
  .digest('base64');

/** Asks for a WebSocket and returns the response, with `ws` if it is 101; null if cut. */
export async function askForWebSocket(server, query, { headers, path, first = '' } = {}) {
  const connection = new HttpConnection(server.port);
  const head = upgradeText(`${path ?? server.path}?${query}`, headers);
  connection.write(Buffer.concat([head, Buffer.from(first)]));
  const response = await within(connection.response(), 'a response to the WebSocket handshake');
  if (response?.status !== 101) {
    connection.destroy();
    return response;
  }
  assert.equal(response.headers['sec-websocket-accept'], accepted);
  assert.match(response.headers.upgrade, /^websocket$/i);
  assert.match(response.headers.connection, /^upgrade$/i);
  return { ...response, ws: new WebSocketPeer(connection) };
}

/** Opens a WebSocket. */
export async function openWebSocket(server, query, options) {
  const response = await askForWebSocket(server, query, options);
  assert.equal(response?.status, 101, 'the WebSocket was refused');
  return response.ws;
}

class WebSocketPeer {
  #unread;
  #inbox = [];
  #wake = () => {};
  #end;
  #hasClosed = false;

  constructor(connection) {
    this.socket = connection.socket;
    this.#unread = connection.release();
    this.socket.on('data', (bytes) => {
      this.#unread = Buffer.concat([this.#unread, bytes]);
      this.#parse();
    });
    // 1006 is what a client calls the end of a connection without a close frame.
    for (const end of ['end', 'close', 'error']) this.socket.on(end, () => this.#finish(1006));
    this.#parse();
  }

  /** Sends a message: a string as text, bytes as binary. */
  send(message) {
    this.frame(typeof message === 'string' ? opcode.text : opcode.binary, message);
  }

  frame(op, payload, options) {
    this.socket.write(encodeFrame(op, payload, options));
  }

  /** Sends bytes as they are, which need not be frames. */
  write(bytes) {
    this.socket.write(bytes);
  }

  /** Sends a close frame, by default without a code. */
  close(code) {
    this.#hasClosed = true;
    this.frame(opcode.close, code === undefined ? '' : [code >> 8, code & 0xff]);
  }

  /** Cuts the connection without a close frame. */
  destroy() {
    this.socket.destroy();
  }

  get isClosed() {
    return this.#end !== undefined;
  }

  /** The next message: text as a string, binary as a Buffer, a pong as { pong }. */
  async next() {
    const message = await within(this.#next(), 'a message');
    if (message === null) throw new Error(`closed with ${this.#end} instead of a message`);
    return message;
  }

  async #next() {
    while (this.#inbox.length === 0) {
      if (this.isClosed) return null;
      await new Promise((resolve) => (this.#wake = resolve));
    }
    return this.#inbox.shift();
  }

  /**
   * Waits for the close and returns its code: 1005 if it has none, 1006 without a close frame, and
   * 'broken' if what came was no frame.
   */
  async closed() {
    await within(
      (async () => {
        while ((await this.#next()) !== null);
      })(),
      'the close',
    );
    return this.#end;
  }

  /** Fails if a message or the close comes within this time. */
  async quiet(time) {
    await sleep(time);
    assert.deepEqual([this.#inbox, this.#end], [[], undefined]);
  }

  #finish(code) {
    this.#end ??= code;
    this.#wake();
  }

  #parse() {
    for (;;) {
      const bytes = this.#unread;
      if (bytes.length < 2 || this.isClosed) return;
      const [first, second] = bytes;
      // A server does not mask, and has no need to send fragments or extensions.
      if ((first & 0xf0) !== 0x80 || (second & 0x80) !== 0) return this.#finish('broken');
      let [length, at] = [second & 0x7f, 2];
      if (length === 126) {
        if (bytes.length < 4) return;
        [length, at] = [bytes.readUInt16BE(2), 4];
      } else if (length === 127) {
        if (bytes.length < 10) return;
        [length, at] = [Number(bytes.readBigUInt64BE(2)), 10];
      }
      if (bytes.length < at + length) return;
      this.#unread = bytes.subarray(at + length);
      this.#onFrame(first & 0x0f, bytes.subarray(at, at + length));
    }
  }

  #onFrame(op, payload) {
    if (op === opcode.close) {
      const code = payload.length === 0 ? 1005 : payload.readUInt16BE(0);
      const isAsked = !this.#hasClosed && this.socket.writable;
      if (isAsked) this.frame(opcode.close, payload.subarray(0, 2));
      return this.#finish(code);
    }
    if (op === opcode.pong) this.#inbox.push({ pong: payload.toString() });
    else if (op === opcode.binary) this.#inbox.push(Buffer.from(payload));
    else if (op === opcode.text) this.#inbox.push(payload.toString());
    else return this.#finish('broken');
    this.#wake();
  }
}

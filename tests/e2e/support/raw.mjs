// Peers that are no stock client: raw Socket.IO packets, raw HTTP, raw WebSocket handshakes.
import assert from 'node:assert/strict';
import http from 'node:http';
import https from 'node:https';
import { Socket as Engine } from 'engine.io-client';

import { within } from './patience.mjs';

/**
 * Speaks Socket.IO packet by packet, over the stock client's Engine.IO connection. Its packets are
 * written as on the wire, with Engine.IO's 4 for a message in front.
 */
export class RawPeer {
  #heard = [];
  #waiting = [];

  /** Opens an Engine.IO connection over `transport`. */
  static async open(url, transport) {
    const peer = new RawPeer();
    peer.engine = new Engine(url, { path: '/socket.io/', transports: [transport] });
    peer.engine.on('message', (data) => {
      const message = typeof data === 'string' ? `4${data}` : data;
      if (peer.#waiting.length > 0) peer.#waiting.shift()(message);
      else peer.#heard.push(message);
    });
    peer.closed = new Promise((resolve) => {
      peer.engine.on('close', (reason, details) => resolve({ reason, details }));
    });
    await within(new Promise((resolve) => peer.engine.on('open', resolve)), () => 'a handshake');
    return peer;
  }

  /** Opens a connection and joins the main namespace. */
  static async join(url, transport) {
    const peer = await RawPeer.open(url, transport);
    peer.send('40');
    peer.id = JSON.parse((await peer.next()).slice(2)).sid;
    return peer;
  }

  /** Sends one message: a Socket.IO packet, or a binary attachment. */
  send(...messages) {
    for (const message of messages) {
      this.engine.send(typeof message === 'string' ? message.slice(1) : message);
    }
  }

  /** The next message that has not been asked for yet. */
  next() {
    if (this.#heard.length > 0) return Promise.resolve(this.#heard.shift());
    const message = new Promise((resolve) => this.#waiting.push(resolve));
    const end = this.closed.then(({ reason }) => {
      throw new Error(`waited for a message, but the connection was closed: ${reason}`);
    });
    return within(Promise.race([message, end]), () => 'a message');
  }

  /** Emits an event, and expects the next message to be its acknowledgement. */
  async request(event, payload) {
    this.send(`421${JSON.stringify([event, payload])}`);
    for (;;) {
      const message = await this.next();
      if (message.startsWith?.('431')) return JSON.parse(message.slice(3))[0];
    }
  }

  /** Waits until the server has closed the connection. */
  expectClosed() {
    return within(this.closed, () => 'the server to close the connection');
  }

  close() {
    this.engine.close();
  }
}

/** One HTTP request, headers and all as given; resolves with status, headers and body. */
export function httpRequest(url, { method = 'GET', headers = {}, body } = {}) {
  const exchange = new Promise((resolve, reject) => {
    // The Host of a request need not be a name of the certificate.
    const options = { method, headers, agent: false, checkServerIdentity: () => undefined };
    const request = (url.startsWith('https:') ? https : http).request(url, options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const { statusCode: status, headers } = response;
        resolve({ status, headers, body: Buffer.concat(chunks).toString() });
      });
    });
    request.on('error', reject);
    // A server may switch protocols although the request was not a valid handshake.
    request.on('upgrade', ({ statusCode: status, headers }, socket) => {
      socket.destroy();
      resolve({ status, headers, body: '' });
    });
    request.end(body);
  });
  return within(exchange, () => `an answer to ${method} ${url}`);
}

/** The status with which the server answers a WebSocket handshake. */
export async function handshakeStatus(url, headers = {}) {
  const { status } = await httpRequest(`${url}/socket.io/?EIO=4&transport=websocket`, {
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': Buffer.alloc(16, 'key').toString('base64'),
      ...headers,
    },
  });
  return status;
}

/** Speaks Engine.IO's polling request by request. */
export class RawPolling {
  /** Makes the handshake. */
  static async open(url) {
    const polling = new RawPolling();
    polling.url = `${url}/socket.io/?EIO=4&transport=polling`;
    const { status, body } = await polling.get();
    assert.equal(status, 200);
    polling.url += `&sid=${JSON.parse(body.slice(1)).sid}`;
    return polling;
  }

  get() {
    return httpRequest(this.url);
  }

  post(body) {
    const headers = { 'Content-Type': 'text/plain;charset=UTF-8' };
    return httpRequest(this.url, { method: 'POST', headers, body });
  }

  /** Expects that the server does not know this session any more. */
  async expectGone() {
    const { status, body } = await this.get();
    // The close, if the test has not read it yet.
    if (status === 200 && body.split('\x1e').includes('1')) return this.expectGone();
    assert.deepEqual([status, JSON.parse(body)], [400, { code: 1, message: 'Session ID unknown' }]);
  }
}

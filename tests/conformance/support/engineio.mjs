// Engine.IO sessions of a raw client, over polling and over a WebSocket.
import assert from 'node:assert/strict';

import { request, send } from './http.mjs';
import { eventually } from './patience.mjs';
import { openWebSocket } from './websocket.mjs';

export const separator = '\x1e';

/** What every Engine.IO session id looks like. */
export const idPattern = /^[A-Za-z0-9_-]{20}$/;

/** The bodies of the error replies, by their codes. */
export const errors = [
  '{"code":0,"message":"Transport unknown"}',
  '{"code":1,"message":"Session ID unknown"}',
  '{"code":2,"message":"Bad handshake method"}',
  '{"code":3,"message":"Bad request"}',
  '{"code":4,"message":"Forbidden"}',
  '{"code":5,"message":"Unsupported protocol version"}',
];

/** Checks that a response is the error with this code. */
export function assertRefused(response, code) {
  assert.equal(response?.status, code === 4 ? 403 : 400);
  assert.equal(response.headers['content-type'], 'application/json');
  assert.equal(response.body, errors[code]);
}

/**
 * Waits until the session with this id is unknown, as it is soon after its connection was lost. Asks
 * with what fits no session, and so disturbs none: the reference server needs a transport that the
 * session is not on.
 */
export async function untilGone(server, sid, transport = 'polling') {
  const target = `${server.path}?EIO=3&transport=${transport}&sid=${sid}`;
  const response = await eventually(async () => {
    const answer = await request(server, { target });
    return answer?.body !== errors[3] && answer;
  }, 'the end of a session');
  assertRefused(response, 1);
}

/** A session on polling. */
export class PollingPeer {
  static async open(server, query = '') {
    const peer = new PollingPeer();
    peer.server = server;
    const target = `${server.path}?EIO=4&transport=polling${query}`;
    const { status, body } = await request(server, { target });
    assert.equal(status, 200);
    assert.equal(body[0], '0');
    peer.handshake = JSON.parse(body.slice(1));
    peer.sid = peer.handshake.sid;
    peer.query = `EIO=4&transport=polling&sid=${peer.sid}`;
    peer.target = `${server.path}?${peer.query}`;
    return peer;
  }

  /** Starts a GET. */
  poll() {
    return send(this.server, { target: this.target });
  }

  /** Starts a POST. */
  post(body, options) {
    return send(this.server, { method: 'POST', target: this.target, body, ...options });
  }

  /** Makes a POST that is accepted. */
  async say(...packets) {
    const { status, body } = await this.post(packets.join(separator)).response;
    assert.deepEqual([status, body], [200, 'ok']);
  }

  /** The packets of a GET. */
  async hear() {
    const { status, body } = await this.poll().response;
    assert.equal(status, 200);
    return body.split(separator);
  }

  /** Sends GETs until it has received so many packets; returns them. */
  async hearAll(count) {
    const packets = [];
    while (packets.length < count) packets.push(...(await this.hear()));
    return packets;
  }

  /** Opens the WebSocket that is to take over. */
  openUpgrade(options) {
    return openWebSocket(this.server, `EIO=4&transport=websocket&sid=${this.sid}`, options);
  }

  /** Moves to a WebSocket. */
  async upgrade() {
    const ws = await this.openUpgrade();
    ws.send('2probe');
    assert.equal(await ws.next(), '3probe');
    ws.send('5');
    return ws;
  }

  /** Checks that the session lives: a posted message is echoed. */
  async assertAlive() {
    await this.say('4still there?');
    assert.deepEqual(await this.hear(), ['4still there?']);
  }

  /** Checks that the session is unknown. */
  async assertGone() {
    assertRefused(await this.poll().response, 1);
  }
}

/** Opens a session on a WebSocket, past the open packet, whose content is its `handshake`. */
export async function openSession(server, query = '', options = undefined) {
  const ws = await openWebSocket(server, `EIO=4&transport=websocket${query}`, options);
  const open = await ws.next();
  assert.equal(open[0], '0');
  ws.handshake = JSON.parse(open.slice(1));
  ws.sid = ws.handshake.sid;
  return ws;
}

/** Checks that a session on a WebSocket lives, by an echo. */
export async function assertEchoes(ws, message = '4still there?') {
  ws.send(message);
  assert.deepEqual(await ws.next(), message);
}

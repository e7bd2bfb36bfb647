// Socket.IO sockets of a raw client. Messages are written as they are on the wire, where each has
// Engine.IO's `4` in front.
import assert from 'node:assert/strict';

import { openSession, PollingPeer } from './engineio.mjs';

/** What every Socket.IO id looks like. */
export const idPattern = /^[A-Za-z0-9_-]{20}$/;

/** A placeholder for a binary attachment. */
export const placeholder = (num) => `{"_placeholder":true,"num":${num}}`;

/** Checks a CONNECT reply, and returns the id in it. */
export function assertConnected(reply, prefix = '40') {
  assert.ok(reply.startsWith(`${prefix}{`), reply);
  const payload = JSON.parse(reply.slice(prefix.length));
  assert.deepEqual(Object.keys(payload), ['sid']);
  assert.match(payload.sid, idPattern);
  return payload.sid;
}

/** Joins a namespace over a WebSocket, and returns the socket's id. */
export async function join(ws, nsp = '/', auth = '') {
  const prefix = nsp === '/' ? '' : `${nsp},`;
  ws.send(`40${prefix}${auth}`);
  const id = assertConnected(await ws.next(), `40${prefix}`);
  assert.equal(await ws.next(), `42${prefix}["auth",${auth || '{}'}]`);
  return id;
}

/** Opens a session on a WebSocket, and joins a namespace. */
export async function openSocket(server, nsp = '/', query = '') {
  const ws = await openSession(server, query);
  ws.id = await join(ws, nsp);
  return ws;
}

/** Opens a session on polling, and joins the main namespace. */
export async function openPollingSocket(server, query = '') {
  const peer = await PollingPeer.open(server, query);
  await peer.say('40');
  const [reply, auth] = await peer.hearAll(2);
  peer.id = assertConnected(reply);
  assert.equal(auth, '42["auth",{}]');
  return peer;
}

/** Checks that a socket in the main namespace lives. */
export async function assertAlive(ws) {
  ws.send('42["message","still there?"]');
  assert.equal(await ws.next(), '42["message-back","still there?"]');
}

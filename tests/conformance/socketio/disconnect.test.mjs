import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { sleep } from '../support/patience.mjs';
import { ours, serve } from '../support/server.mjs';
import { assertAlive, join, openPollingSocket, openSocket } from '../support/socketio.mjs';

/** The reference has a noop in front of a close that had to wait. */
const withoutNoop = (packets) => packets.filter((packet) => packet !== '6');

describe('disconnecting from the server side', () => {
  const server = serve('socketio');

  test('one socket: the connection stays open', async () => {
    const ws = await openSocket(server);
    ws.send('42["server-disconnect"]');
    assert.equal(await ws.next(), '41');
    await ws.quiet(50);
    await join(ws);
    await assertAlive(ws);
    ws.destroy();
  });

  test('one socket of two', async () => {
    const ws = await openSocket(server);
    await join(ws, '/custom');
    ws.send('42/custom,["server-disconnect",false]');
    assert.equal(await ws.next(), '41/custom,');
    await assertAlive(ws);
    ws.destroy();
  });

  test('a packet for the socket that is gone closes the connection', async () => {
    const ws = await openSocket(server);
    ws.send('42["server-disconnect"]');
    assert.equal(await ws.next(), '41');
    ws.send('42["message"]');
    assert.equal(await ws.closed(), 1005);
  });

  test('and closing: DISCONNECT, then the close', async () => {
    const ws = await openSocket(server);
    ws.send('42["server-disconnect",true]');
    assert.equal(await ws.next(), '41');
    assert.equal(await ws.closed(), 1005);
  });

  test('and closing, over polling', async () => {
    const peer = await openPollingSocket(server);
    const poll = peer.poll();
    await poll.arrived();
    await peer.say('42["server-disconnect",true]');
    // The stock client drops what comes in one response with the close.
    assert.equal((await poll.response).body, '41');
    assert.deepEqual(withoutNoop(await peer.hear()), ['1']);
    await peer.assertGone();
  });

  test('closing the WebSocket', async () => {
    const ws = await openSocket(server);
    ws.send('42["close-transport"]');
    assert.equal(await ws.closed(), 1005);
  });

  test('what was said before the close still arrives', async () => {
    const ws = await openSocket(server);
    ws.send('42["message",1]');
    ws.send('42["close-transport"]');
    assert.equal(await ws.next(), '42["message-back",1]');
    assert.equal(await ws.closed(), 1005);
  });

  test('closing the session on polling, with a GET pending', async () => {
    const peer = await openPollingSocket(server);
    const poll = peer.poll();
    await poll.arrived();
    await peer.say('42["close-transport"]');
    assert.equal((await poll.response).body, '1');
    await peer.assertGone();
  });

  test('closing the session on polling: the next GET gets the close packet', async () => {
    const peer = await openPollingSocket(server);
    await peer.say('42["close-transport"]');
    await sleep(100);
    assert.deepEqual(withoutNoop(await peer.hear()), ['1']);
    await peer.assertGone();
  });

  test('closing the session on polling: what was said before goes first, by itself', async () => {
    const peer = await openPollingSocket(server);
    await peer.say('42["message",1]', '42["close-transport"]');
    await sleep(100);
    assert.deepEqual(await peer.hear(), ['42["message-back",1]']);
    assert.deepEqual(withoutNoop(await peer.hear()), ['1']);
    await peer.assertGone();
  });

  test('closing the session on polling: it gets nothing more', async () => {
    const peer = await openPollingSocket(server);
    await peer.say('42["close-transport"]');
    const { status } = await peer.post('42["broadcast","too late"]').response;
    assert.ok(status === 200 || status === 400);
    assert.deepEqual(withoutNoop(await peer.hear()), ['1']);
  });
});

describe('the end of the server', () => {
  const server = serve('socketio');

  // The reference has no signal handler of its own.
  ours('closes every connection, without DISCONNECT', async () => {
    const ws = await openSocket(server);
    const peer = await openPollingSocket(server);
    const poll = peer.poll();
    await poll.arrived();
    const ended = server.stop();
    assert.equal((await poll.response).body, '1');
    await assert.rejects(ws.next(), /closed with 1005/);
    assert.equal(await ended, 0);
  });
});

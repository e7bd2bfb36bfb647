import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertRefused, openSession, PollingPeer } from '../support/engineio.mjs';
import { since, sleep } from '../support/patience.mjs';
import { serve } from '../support/server.mjs';

// What comes when, to the millisecond, is tested on virtual time (tests/core/engineio). Here a machine
// may be as busy as it likes: what comes must come, in order, and not too early. The time-out is long
// enough for a test to be late by most of it.
const interval = 300;
const timeout = 3_000;

// The server's clock counts whole milliseconds, so it may seem to be early by less than one.
const grain = 1;

function assertNotEarly(start, expected) {
  const took = since(start);
  assert.ok(took >= expected - grain, `after ${took} ms, too early for ${expected}`);
}

for (const mode of ['engine', 'socketio']) {
  describe(`heartbeat, ${mode}`, { concurrency: true }, () => {
    const server = serve(mode, {
      'ping-interval': interval,
      'ping-timeout': timeout,
      'connect-timeout': 20_000,
    });

    test('a ping comes when the interval has passed, then from pong to ping', async () => {
      const start = performance.now();
      const ws = await openSession(server);
      assert.equal(await ws.next(), '2');
      assertNotEarly(start, interval);
      for (let i = 0; i < 2; ++i) {
        await sleep(80);
        const pong = performance.now();
        ws.send('3');
        assert.equal(await ws.next(), '2');
        assertNotEarly(pong, interval);
      }
      ws.destroy();
    });

    test('the same over polling', async () => {
      const start = performance.now();
      const peer = await PollingPeer.open(server);
      assert.deepEqual(await peer.hear(), ['2']);
      assertNotEarly(start, interval);
      for (let i = 0; i < 2; ++i) {
        await sleep(80);
        const pong = performance.now();
        await peer.say('3');
        assert.deepEqual(await peer.hear(), ['2']);
        assertNotEarly(pong, interval);
      }
    });

    test('a ping waits for the next GET', async () => {
      const peer = await PollingPeer.open(server);
      await sleep(interval + 50);
      assert.deepEqual(await peer.hear(), ['2']);
    });

    test('a silent WebSocket is closed', async () => {
      const start = performance.now();
      const ws = await openSession(server);
      assert.equal(await ws.closed(), 1005);
      assertNotEarly(start, interval + timeout);
    });

    test('a silent session with a GET pending is closed', async () => {
      const start = performance.now();
      const peer = await PollingPeer.open(server);
      assert.deepEqual(await peer.hear(), ['2']);
      assert.deepEqual(await peer.hear(), ['1']);
      assertNotEarly(start, interval + timeout);
      await peer.assertGone();
    });

    test('a silent session without a GET goes, too', async () => {
      const peer = await PollingPeer.open(server);
      await sleep(interval + timeout + 50);
      while ((await peer.poll().response).status === 200); // a busy machine is late
      await peer.assertGone();
    });

    test('many silent sessions are closed, none of them early', async () => {
      await Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          await sleep(7 * i);
          const start = performance.now();
          const ws = await openSession(server);
          assert.equal(await ws.closed(), 1005);
          assertNotEarly(start, interval + timeout);
        }),
      );
    });

    test('another packet instead of the pong buys time', async () => {
      const ws = await openSession(server);
      assert.equal(await ws.next(), '2');
      await sleep(80);
      const other = performance.now();
      ws.send('6');
      assert.equal(await ws.closed(), 1005);
      assertNotEarly(other, timeout);
    });

    test('over polling, too', async () => {
      const peer = await PollingPeer.open(server);
      assert.deepEqual(await peer.hear(), ['2']);
      await sleep(80);
      const other = performance.now();
      await peer.say('6');
      assert.deepEqual(await peer.hear(), ['1']);
      assertNotEarly(other, timeout);
    });

    test('a session that answers lives', async () => {
      const ws = await openSession(server);
      const peer = await PollingPeer.open(server);
      for (let i = 0; i < 5; ++i) {
        assert.equal(await ws.next(), '2');
        ws.send('3');
        assert.deepEqual(await peer.hear(), ['2']);
        await peer.say('3');
      }
      ws.destroy();
      await peer.say('1');
      assertRefused(await peer.poll().response, 1);
    });

    test('an upgraded session is pinged on the WebSocket', async () => {
      const peer = await PollingPeer.open(server);
      const ws = await peer.upgrade();
      let pong;
      for (let i = 0; i < 2; ++i) {
        assert.equal(await ws.next(), '2');
        pong = performance.now();
        ws.send('3');
      }
      assert.equal(await ws.closed(), 1005);
      assertNotEarly(pong, interval + timeout);
    });
  });
}

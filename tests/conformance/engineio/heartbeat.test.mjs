import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertRefused, openSession, PollingPeer } from '../support/engineio.mjs';
import { since, sleep } from '../support/patience.mjs';
import { serve } from '../support/server.mjs';

const interval = 300;
const timeout = 200;

// The server's clock counts whole milliseconds, so it may seem to be early by less than one.
const grain = 1;
// A busy machine is late, and that is no failure.
const lateness = 140;

function assertTook(start, expected) {
  const took = since(start);
  assert.ok(took >= expected - grain, `after ${took} ms, too early for ${expected}`);
  assert.ok(took <= expected + lateness, `after ${took} ms, too late for ${expected}`);
}

for (const mode of ['engine', 'socketio']) {
  describe(`heartbeat, ${mode}`, { concurrency: 4 }, () => {
    const server = serve(mode, {
      'ping-interval': interval,
      'ping-timeout': timeout,
      'connect-timeout': 20_000,
    });

    test('a ping comes when the interval has passed, then from pong to ping', async () => {
      const start = performance.now();
      const ws = await openSession(server);
      assert.equal(await ws.next(), '2');
      assertTook(start, interval);
      for (let i = 0; i < 2; ++i) {
        await sleep(80);
        const pong = performance.now();
        ws.send('3');
        assert.equal(await ws.next(), '2');
        assertTook(pong, interval);
      }
      ws.destroy();
    });

    test('the same over polling', async () => {
      const start = performance.now();
      const peer = await PollingPeer.open(server);
      assert.deepEqual(await peer.hear(), ['2']);
      assertTook(start, interval);
      for (let i = 0; i < 2; ++i) {
        await sleep(80);
        const pong = performance.now();
        await peer.say('3');
        assert.deepEqual(await peer.hear(), ['2']);
        assertTook(pong, interval);
      }
    });

    test('a ping waits for the next GET', async () => {
      const peer = await PollingPeer.open(server);
      await sleep(interval + 50);
      assert.deepEqual(await peer.hear(), ['2']);
    });

    test('a silent WebSocket is closed in time', async () => {
      const start = performance.now();
      const ws = await openSession(server);
      assert.equal(await ws.closed(), 1005);
      assertTook(start, interval + timeout);
    });

    test('a silent session with a GET pending is closed in time', async () => {
      const start = performance.now();
      const peer = await PollingPeer.open(server);
      assert.deepEqual(await peer.hear(), ['2']);
      assert.deepEqual(await peer.hear(), ['1']);
      assertTook(start, interval + timeout);
      await peer.assertGone();
    });

    test('a silent session without a GET lives until then', async (t) => {
      // A machine that was too busy to ask in time has shown nothing; it may try again.
      for (let i = 0; i < 10; ++i) {
        const start = performance.now();
        const peer = await PollingPeer.open(server);
        await sleep(interval + timeout - 25 - since(start));
        const { status, body } = await peer.poll().response;
        if (since(start) > interval + timeout - grain) continue;
        assert.deepEqual([status, body], [200, '2']);
        return;
      }
      t.skip('the machine is too busy');
    });

    test('and no longer', async () => {
      const peer = await PollingPeer.open(server);
      await sleep(interval + timeout + 50);
      await peer.assertGone();
    });

    test('many silent sessions are closed in time, few of them late', async () => {
      const late = await Promise.all(
        Array.from({ length: 30 }, async () => {
          await sleep(Math.random() * 200);
          const start = performance.now();
          const ws = await openSession(server);
          await ws.closed();
          return since(start) - interval - timeout;
        }),
      );
      late.sort((a, b) => a - b);
      assert.ok(late[0] >= -grain, `early by ${-late[0]} ms`);
      assert.ok(late[15] < 40, `half of them are late by ${late[15]} ms`);
    });

    test('the first other packet that comes instead of the pong buys time, once', async () => {
      const ws = await openSession(server);
      assert.equal(await ws.next(), '2');
      await sleep(80);
      const first = performance.now();
      ws.send('6');
      await sleep(100);
      ws.send('6');
      assert.equal(await ws.closed(), 1005);
      assert.ok(since(first) >= timeout - grain, `${since(first)}`);
      assert.ok(since(first) < timeout + 90, `${since(first)}`);
    });

    test('once for each ping', async () => {
      const ws = await openSession(server);
      for (let i = 0; i < 2; ++i) {
        assert.equal(await ws.next(), '2');
        await sleep(120);
        ws.send('6');
        await sleep(120);
        ws.send('3');
      }
      assert.equal(await ws.next(), '2');
      ws.destroy();
    });

    test('over polling, too', async () => {
      const peer = await PollingPeer.open(server);
      assert.deepEqual(await peer.hear(), ['2']);
      await sleep(80);
      const other = performance.now();
      await peer.say('6');
      assert.deepEqual(await peer.hear(), ['1']);
      assertTook(other, timeout);
    });

    test('what comes before the ping buys no time', async () => {
      const start = performance.now();
      const ws = await openSession(server);
      await sleep(200);
      ws.send('6');
      assert.equal(await ws.closed(), 1005);
      assertTook(start, interval + timeout);
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
      for (let i = 0; i < 2; ++i) {
        assert.equal(await ws.next(), '2');
        ws.send('3');
      }
      const pong = performance.now();
      assert.equal(await ws.closed(), 1005);
      assertTook(pong, interval + timeout);
    });
  });
}

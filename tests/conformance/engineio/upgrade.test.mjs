import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertEchoes, assertRefused, openSession, PollingPeer, untilGone } from '../support/engineio.mjs';
import { HttpConnection, requestText } from '../support/http.mjs';
import { since, sleep } from '../support/patience.mjs';
import { ours, serve } from '../support/server.mjs';
import { askForWebSocket, encodeFrame, opcode } from '../support/websocket.mjs';

/** Opens the second transport and has it probed. */
async function probe(peer) {
  const ws = await peer.openUpgrade();
  ws.send('2probe');
  assert.equal(await ws.next(), '3probe');
  return ws;
}

/** Checks that polling has ended for the session. */
async function assertUpgraded(peer) {
  assertRefused(await peer.poll().response, 3);
  assertRefused(await peer.post('4hello').response, 3);
}

describe('upgrade', () => {
  const server = serve('engine');

  test('from polling to a WebSocket', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await peer.upgrade();
    await assertEchoes(ws, '4hello');
    await assertEchoes(ws, Buffer.from([1, 2, 3]));
    await assertUpgraded(peer);
    await assertEchoes(ws, '4and still');
    ws.destroy();
    await untilGone(server, peer.sid);
  });

  test('a pending GET is released 100 ms after the probe, again and again', async () => {
    const peer = await PollingPeer.open(server);
    const poll = peer.poll();
    const ws = await peer.openUpgrade();
    await sleep(150);
    assert.equal(poll.isAnswered, false, 'not before the probe');
    const start = performance.now();
    ws.send('2probe');
    assert.equal(await ws.next(), '3probe');
    for (const due of [100, 200, 300]) {
      assert.equal((await (due === 100 ? poll : peer.poll()).response).body, '6');
      const took = since(start);
      assert.ok(took >= due - 1, `after ${took} ms instead of ${due}`);
    }
    ws.send('5');
    await assertEchoes(ws);
    ws.destroy();
  });

  test('polling goes on until the upgrade packet', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await probe(peer);
    await peer.assertAlive();
    let poll = peer.poll();
    await peer.say('4now');
    // On a busy machine the poll may have been released before.
    while ((await poll.response).body === '6') poll = peer.poll();
    assert.equal((await poll.response).body, '4now');
    ws.send('5');
    await assertEchoes(ws);
    ws.destroy();
  });

  test('what waits for a GET goes out on the WebSocket, in order and once', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await probe(peer);
    await peer.say('4a', 'bAQID', '4b');
    await peer.say('4c');
    await ws.quiet(30);
    ws.send('5');
    ws.send('4d');
    assert.equal(await ws.next(), '4a');
    assert.deepEqual(await ws.next(), Buffer.from([1, 2, 3]));
    for (const message of ['4b', '4c', '4d']) assert.equal(await ws.next(), message);
    await ws.quiet(50);
    ws.destroy();
  });

  test('b64=1 holds for the WebSocket that has it in its URL', async () => {
    const peer = await PollingPeer.open(server, '&b64=1');
    peer.sid += '&b64=1';
    const ws = await peer.upgrade();
    ws.send('bAQIDBA==');
    assert.equal(await ws.next(), 'bAQIDBA==');
    ws.destroy();
  });

  ours('a GET that is pending at the upgrade packet is released with a noop', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await probe(peer);
    const poll = peer.poll();
    await poll.arrived();
    ws.send('5');
    const { status, body } = await poll.response;
    assert.deepEqual([status, body], [200, '6']);
    await assertEchoes(ws);
    ws.destroy();
  });

  test('the probe may come twice', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await probe(peer);
    ws.send('2probe');
    assert.equal(await ws.next(), '3probe');
    ws.send('5');
    await assertEchoes(ws);
    ws.destroy();
  });

  test('the upgrade packet, then a GET on another connection: handled in this order', async () => {
    for (let i = 0; i < 50; ++i) {
      const peer = await PollingPeer.open(server);
      const ws = await probe(peer);
      const connection = new HttpConnection(server.port);
      await connection.connected;
      ws.send('5');
      connection.write(requestText({ target: peer.target }));
      assertRefused(await connection.response(), 3);
      connection.destroy();
      ws.destroy();
    }
  });

  test('a message by POST, then the upgrade packet: handled in this order', async () => {
    for (let i = 0; i < 20; ++i) {
      const peer = await PollingPeer.open(server);
      const ws = await probe(peer);
      const connection = new HttpConnection(server.port);
      await connection.connected;
      connection.write(requestText({ method: 'POST', target: peer.target, body: '4first' }));
      assert.equal((await connection.response()).body, 'ok');
      ws.write(Buffer.concat([
        encodeFrame(opcode.text, '5'),
        encodeFrame(opcode.text, '4second'),
      ]));
      assert.equal(await ws.next(), '4first');
      assert.equal(await ws.next(), '4second');
      connection.destroy();
      ws.destroy();
    }
  });
});

describe('an upgrade that fails', () => {
  const server = serve('engine');

  for (const [what, message] of [
    ['a message', '4hello'],
    ['a ping without the word', '2'],
    ['a ping with another word', '2hello'],
    ['a noop', '6'],
    ['what is no packet', 'x'],
    ['an empty text', ''],
    ['a binary message', Buffer.from([1, 2, 3])],
  ]) {
    test(`${what} instead of the probe: only the WebSocket is closed`, async () => {
      const peer = await PollingPeer.open(server);
      const ws = await peer.openUpgrade();
      ws.send(message);
      assert.equal(await ws.closed(), 1005);
      await peer.assertAlive();
      await assertEchoes(await peer.upgrade());
    });

    test(`${what} instead of the upgrade packet: only the WebSocket is closed`, async () => {
      const peer = await PollingPeer.open(server);
      const ws = await probe(peer);
      ws.send(message);
      assert.equal(await ws.closed(), 1005);
      await peer.assertAlive();
      await assertEchoes(await peer.upgrade());
    });
  }

  ours('the upgrade packet instead of the probe: only the WebSocket is closed', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await peer.openUpgrade();
    ws.send('5');
    assert.equal(await ws.closed(), 1005);
    await peer.assertAlive();
  });

  for (const isProbed of [false, true]) {
    for (const end of ['destroy', 'close']) {
      test(`${end} ${isProbed ? 'behind' : 'before'} the probe: polling goes on`, async () => {
        const peer = await PollingPeer.open(server);
        const ws = await (isProbed ? probe(peer) : peer.openUpgrade());
        let poll = peer.poll();
        ws[end]();
        await sleep(150);
        if (isProbed && poll.isAnswered) {
          // On a busy machine the poll may have been released before.
          assert.equal((await poll.response).body, '6');
          poll = peer.poll();
          await sleep(150);
        }
        assert.equal(poll.isAnswered, false, 'no noop once the WebSocket is gone');
        await peer.say('4hello');
        assert.equal((await poll.response).body, '4hello');
        await assertEchoes(await peer.upgrade());
      });
    }
  }

  for (const [what, frame, code] of [
    ['broken UTF-8', encodeFrame(opcode.text, [0x32, 0xff]), 1007],
    ['a frame without a mask', encodeFrame(opcode.text, '2probe', { masked: false }), 1002],
    ['a message that is too big', encodeFrame(opcode.text, 'x'.repeat(1_000_001)), 1009],
  ]) {
    test(`${what}: only the WebSocket is closed, with ${code}`, async () => {
      const peer = await PollingPeer.open(server);
      const ws = await peer.openUpgrade();
      ws.write(frame);
      assert.equal(await ws.closed(), code);
      await peer.assertAlive();
    });
  }

  test('a second WebSocket during an upgrade is closed, the first goes on', async () => {
    const peer = await PollingPeer.open(server);
    const first = await peer.openUpgrade();
    assert.equal(await (await peer.openUpgrade()).closed(), 1005);
    first.send('2probe');
    assert.equal(await first.next(), '3probe');
    assert.equal(await (await peer.openUpgrade()).closed(), 1005);
    first.send('5');
    await assertEchoes(first);
    first.destroy();
  });

  test('a WebSocket for an upgraded session is closed, the session goes on', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await peer.upgrade();
    await assertEchoes(ws);
    assert.equal(await (await peer.openUpgrade()).closed(), 1005);
    await assertEchoes(ws);
    ws.destroy();
  });

  ours('a WebSocket for the session of another one is closed, the session goes on', async () => {
    const ws = await openSession(server);
    const other = await PollingPeer.prototype.openUpgrade.call({ server, sid: ws.sid });
    assert.equal(await other.closed(), 1005);
    await assertEchoes(ws);
    ws.destroy();
  });

  test('the session ends meanwhile: the WebSocket is closed', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await probe(peer);
    await peer.say('1');
    assert.equal(await ws.closed(), 1005);
    await peer.assertGone();
  });

  test('a WebSocket for a session that has ended is refused', async () => {
    const peer = await PollingPeer.open(server);
    await peer.say('1');
    const query = `EIO=4&transport=websocket&sid=${peer.sid}`;
    const { status, body } = await askForWebSocket(server, query);
    assert.deepEqual([status, body], [400, 'Session ID unknown']);
  });
});

describe('an upgrade that takes too long', { concurrency: true }, () => {
  // Long enough for a busy machine to probe in time.
  const limit = 3_000;
  const server = serve('engine', {
    'ping-interval': 25_000,
    'upgrade-timeout': limit,
  });

  for (const isProbed of [false, true]) {
    test(`${isProbed ? 'probed' : 'not probed'}: only the WebSocket is closed`, async () => {
      const peer = await PollingPeer.open(server);
      const start = performance.now();
      const ws = await peer.openUpgrade();
      await sleep(150);
      if (isProbed) {
        ws.send('2probe');
        assert.equal(await ws.next(), '3probe');
      }
      assert.equal(await ws.closed(), 1005);
      const took = since(start);
      assert.ok(took >= limit - 1, `after ${took} ms instead of ${limit}`);
      await peer.assertAlive();
      await assertEchoes(await peer.upgrade());
    });
  }

  test('an upgraded session is not concerned', async () => {
    const peer = await PollingPeer.open(server);
    const ws = await peer.upgrade();
    await ws.quiet(limit + 100);
    await assertEchoes(ws);
    ws.destroy();
  });
});

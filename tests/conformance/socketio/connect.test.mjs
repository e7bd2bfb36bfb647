import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { idPattern, openSession, PollingPeer } from '../support/engineio.mjs';
import { since, sleep } from '../support/patience.mjs';
import { ours, serve } from '../support/server.mjs';
import {
  assertAlive,
  assertConnected,
  join,
  openPollingSocket,
  openSocket,
} from '../support/socketio.mjs';

describe('CONNECT', () => {
  const server = serve('socketio');

  // Each row: what is sent, the beginning of the reply, and the event behind it.
  for (const [packet, prefix, auth] of [
    ['40', '40', '42["auth",{}]'],
    ['40{}', '40', '42["auth",{}]'],
    ['40{"token":"x"}', '40', '42["auth",{"token":"x"}]'],
    ['40{ "token" : "x" } ', '40', '42["auth",{"token":"x"}]'],
    ['40{"b":1,"a":[2,{"z":null}],"":"é"}', '40', '42["auth",{"b":1,"a":[2,{"z":null}],"":"é"}]'],
    ['40/', '40', '42["auth",{}]'],
    ['40/,', '40', '42["auth",{}]'],
    ['40/,{"token":"x"}', '40', '42["auth",{"token":"x"}]'],
    ['40/custom', '40/custom,', '42/custom,["auth",{}]'],
    ['40/custom,', '40/custom,', '42/custom,["auth",{}]'],
    ['40/custom,{"token":"x"}', '40/custom,', '42/custom,["auth",{"token":"x"}]'],
  ]) {
    test(`${packet} is accepted`, async () => {
      const ws = await openSession(server);
      ws.send(packet);
      assertConnected(await ws.next(), prefix);
      assert.equal(await ws.next(), auth);
      ws.destroy();
    });
  }

  ours('the payload is handed on as it came', async () => {
    const ws = await openSession(server);
    const auth = '{"b":12345678901234567890,"10":1.0,"9":1e2}';
    ws.send(`40${auth}`);
    assertConnected(await ws.next());
    assert.equal(await ws.next(), `42["auth",${auth}]`);
    ws.destroy();
  });

  test('over polling', async () => {
    const peer = await openPollingSocket(server);
    await peer.say('42["message",1]');
    assert.deepEqual(await peer.hear(), ['42["message-back",1]']);
  });

  test('the ids have nothing to do with the session id', async () => {
    const ws = await openSession(server);
    const [main, custom] = [await join(ws), await join(ws, '/custom')];
    assert.notEqual(main, custom);
    for (const id of [main, custom]) {
      assert.match(id, idPattern);
      assert.notEqual(id, ws.sid);
      assert.notEqual(id.slice(0, 8), ws.sid.slice(0, 8));
    }
    ws.destroy();
  });

  for (const packet of [
    '40[]',
    '40["token"]',
    '40"token"',
    '40null',
    '40true',
    '40/custom,[]',
    '40/custom,"token"',
    '40{"token":',
    '40{"token":"x"}}',
    '40token',
  ]) {
    test(`${packet} is not, and closes the connection`, async () => {
      const ws = await openSession(server);
      ws.send(packet);
      assert.equal(await ws.closed(), 1005);
    });
  }

  for (const packet of ['42["message",1]', '420["message-with-ack"]', '41', '430[]']) {
    test(`${packet} before CONNECT closes the connection`, async () => {
      const ws = await openSession(server);
      ws.send(packet);
      assert.equal(await ws.closed(), 1005);
    });
  }

  for (const nsp of ['/', '/custom']) {
    test(`a second one to ${nsp} closes the connection`, async () => {
      const ws = await openSocket(server, nsp);
      ws.send(`40${nsp},`);
      assert.equal(await ws.closed(), 1005);
    });
  }

  test('on an upgraded connection', async () => {
    const peer = await openPollingSocket(server);
    const ws = await peer.upgrade();
    await join(ws, '/custom');
    await assertAlive(ws);
    ws.destroy();
  });
});

describe('CONNECT_ERROR', () => {
  const server = serve('socketio');

  for (const [packet, reply] of [
    ['40/unknown,', '44/unknown,{"message":"Invalid namespace"}'],
    ['40/unknown', '44/unknown,{"message":"Invalid namespace"}'],
    ['40/unknown,{"token":"x"}', '44/unknown,{"message":"Invalid namespace"}'],
    ['40/Custom,', '44/Custom,{"message":"Invalid namespace"}'],
    ['40/custom/,', '44/custom/,{"message":"Invalid namespace"}'],
    ['40/tëst™😀,', '44/tëst™😀,{"message":"Invalid namespace"}'],
    ['40/no,', '44/no,{"message":"denied","data":{"code":"E_AUTH","n":1}}'],
    ['40/no', '44/no,{"message":"denied","data":{"code":"E_AUTH","n":1}}'],
    ['40/no,{"token":"x"}', '44/no,{"message":"denied","data":{"code":"E_AUTH","n":1}}'],
  ]) {
    test(`${packet} is answered with ${reply}, and the connection stays open`, async () => {
      const ws = await openSession(server);
      for (let i = 0; i < 2; ++i) {
        ws.send(packet);
        assert.equal(await ws.next(), reply);
      }
      await join(ws);
      await assertAlive(ws);
      ws.destroy();
    });
  }

  test('leaves the namespace closed', async () => {
    const ws = await openSession(server);
    ws.send('40/no,');
    await ws.next();
    ws.send('42/no,["message"]');
    assert.equal(await ws.closed(), 1005);
  });
});

// To the millisecond it is tested on virtual time (tests/core/socketio). Here it may be late.
describe('connectTimeout', { concurrency: true }, () => {
  const limit = 2_500;
  const server = serve('socketio', {
    'ping-interval': 100,
    'ping-timeout': 20_000,
    'connect-timeout': limit,
  });

  /** Answers every ping; returns when and with what the connection was closed. */
  async function answerPings(ws, start) {
    const others = [];
    for (;;) {
      let message;
      try {
        message = await ws.next();
      } catch {
        return { took: since(start), code: await ws.closed(), others };
      }
      if (message === '2') ws.send('3');
      else others.push(message);
    }
  }

  function assertNotEarly({ took, code }) {
    assert.equal(code, 1005);
    assert.ok(took >= limit - 1, `after ${took} ms instead of ${limit}`);
  }

  test('closes a connection without CONNECT, though it answers pings', async () => {
    const start = performance.now();
    assertNotEarly(await answerPings(await openSession(server), start));
  });

  test('closes a connection whose CONNECT was refused', async () => {
    const start = performance.now();
    const ws = await openSession(server);
    await sleep(200);
    ws.send('40/no,');
    const end = await answerPings(ws, start);
    assert.equal(end.others.length, 1);
    assertNotEarly(end);
  });

  test('closes a connection on polling', async () => {
    const start = performance.now();
    const peer = await PollingPeer.open(server);
    let packets = [];
    while (!packets.includes('1')) {
      if (packets.includes('2')) await peer.say('3');
      packets = await peer.hear();
    }
    assertNotEarly({ took: since(start), code: 1005 });
    await peer.assertGone();
  });

  test('counts from the opening, whatever the transport', async () => {
    const start = performance.now();
    const peer = await PollingPeer.open(server);
    await sleep(150);
    assertNotEarly(await answerPings(await peer.upgrade(), start));
  });

  test('ends with the first CONNECT that succeeds, even if the namespace is left', async () => {
    const ws = await openSession(server);
    await join(ws, '/custom');
    ws.send('41/custom,');
    const end = answerPings(ws);
    await sleep(limit + 500);
    assert.equal(ws.isClosed, false);
    ws.destroy();
    await end;
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { ours, serve } from '../support/server.mjs';
import { assertAlive, openPollingSocket, openSocket } from '../support/socketio.mjs';

describe('events', () => {
  const server = serve('socketio');

  for (const args of [
    '1',
    '"text"',
    'null,true,false,0,-1,1.5',
    '{},[],""',
    '{"b":1,"a":{"d":[1,[2,[3]]],"c":null}}',
    '"é€😀","\\"quoted\\"","back\\\\slash","line\\nfeed"',
    '9007199254740991,-9007199254740991',
    '"[1,{\\"a\\":2}]","},{"',
    '["message"],{"_placeholder":false,"num":0}',
    '{"_placeholder":true,"num":0}',
    `${'['.repeat(500)}1${']'.repeat(500)}`,
    `"${'long '.repeat(20_000)}"`,
  ]) {
    test(`the arguments ${args.slice(0, 60)} come back as they were`, async () => {
      const ws = await openSocket(server);
      ws.send(`42["message",${args}]`);
      assert.equal(await ws.next(), `42["message-back",${args}]`);
      ws.send(`425["message-with-ack",${args}]`);
      assert.equal(await ws.next(), `435[${args}]`);
      ws.destroy();
    });
  }

  // The reference reads and writes numbers and objects as JavaScript does.
  for (const args of [
    '12345678901234567890',
    '1.0,1e2,-0,0.10',
    '{"b":1,"2":2,"1":3}',
    '"\\u0041\\/"',
    '{"a":1,"a":2}',
  ]) {
    ours(`the arguments ${args} come back character for character`, async () => {
      const ws = await openSocket(server);
      ws.send(`42["message",${args}]`);
      assert.equal(await ws.next(), `42["message-back",${args}]`);
      ws.destroy();
    });
  }

  for (const [args, compact] of [
    [' 1 , 2 ', '1,2'],
    ['\t{ "a" : [ 1 , 2 ] }\r\n', '{"a":[1,2]}'],
    ['" kept in text , so "', '" kept in text , so "'],
  ]) {
    test(`the arguments ${JSON.stringify(args)} come back compact`, async () => {
      const ws = await openSocket(server);
      ws.send(`42["message",${args}]`);
      assert.equal(await ws.next(), `42["message-back",${compact}]`);
      ws.destroy();
    });
  }

  test('"error" is an event like others', async () => {
    const ws = await openSocket(server);
    ws.send('42["fire-error",{"code":1},"why"]');
    assert.equal(await ws.next(), '42["error",{"code":1},"why"]');
    ws.send('42["fire-error"]');
    assert.equal(await ws.next(), '42["error"]');
    await assertAlive(ws);
    ws.destroy();
  });

  test('many in a row keep their order, over both transports', async () => {
    const expected = Array.from({ length: 200 }, (_, i) => `42["message-back",${i}]`);
    const ws = await openSocket(server);
    for (let i = 0; i < 200; ++i) ws.send(`42["message",${i}]`);
    for (const reply of expected) assert.equal(await ws.next(), reply);
    ws.destroy();
    const peer = await openPollingSocket(server);
    await peer.say(...Array.from({ length: 200 }, (_, i) => `42["message",${i}]`));
    assert.deepEqual(await peer.hearAll(200), expected);
  });

  test('handshake: the query of the first request, and the CONNECT payload', async () => {
    const ws = await openSocket(server, '/', '&name=a%20b%26c&caf%C3%A9=%E2%82%AC&empty=');
    ws.send('421["handshake"]');
    const { query, auth } = JSON.parse((await ws.next()).slice(3))[0];
    assert.deepEqual({ ...query }, {
      EIO: '4',
      transport: 'websocket',
      name: 'a b&c',
      café: '€',
      empty: '',
    });
    assert.deepEqual(auth, {});
    ws.send('40/custom,{"token":"x"}');
    await ws.next();
    await ws.next();
    ws.send('42/custom,1["handshake"]');
    const second = JSON.parse((await ws.next()).slice('43/custom,1'.length))[0];
    assert.deepEqual(second.auth, { token: 'x' });
    assert.equal(second.query.name, 'a b&c');
    ws.destroy();
  });

  test('handshake: an upgrade does not change the query', async () => {
    const peer = await openPollingSocket(server, '&name=first&t=abc');
    const ws = await peer.upgrade();
    ws.send('421["handshake"]');
    const { query } = JSON.parse((await ws.next()).slice(3))[0];
    assert.equal(query.transport, 'polling');
    assert.equal(query.name, 'first');
    assert.equal(query.sid, undefined);
    ws.destroy();
  });
});

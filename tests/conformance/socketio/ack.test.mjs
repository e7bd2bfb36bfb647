import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serve } from '../support/server.mjs';
import { assertAlive, join, openPollingSocket, openSocket } from '../support/socketio.mjs';

describe('acknowledgements of the server', () => {
  const server = serve('socketio');

  for (const [packet, reply] of [
    ['420["message-with-ack"]', '430[]'],
    ['421["message-with-ack",1,"a",{"b":[]}]', '431[1,"a",{"b":[]}]'],
    ['42/,2["message-with-ack",null]', '432[null]'],
    ['4207["message-with-ack"]', '437[]'],
    ['42000["message-with-ack"]', '430[]'],
    ['42456["message-with-ack",123]', '43456[123]'],
    ['429007199254740991["message-with-ack"]', '439007199254740991[]'],
  ]) {
    test(`${packet} is answered with ${reply}`, async () => {
      const ws = await openSocket(server);
      ws.send(packet);
      assert.equal(await ws.next(), reply);
      ws.destroy();
    });
  }

  test('come in a namespace, for its socket', async () => {
    const ws = await openSocket(server, '/custom');
    ws.send('42/custom,3["message-with-ack",1]');
    assert.equal(await ws.next(), '43/custom,3[1]');
    ws.destroy();
  });

  test('an id may be used again', async () => {
    const ws = await openSocket(server);
    for (let i = 0; i < 3; ++i) {
      ws.send(`425["message-with-ack",${i}]`);
      assert.equal(await ws.next(), `435[${i}]`);
    }
    ws.destroy();
  });

  test('an event without a listener gets none', async () => {
    const ws = await openSocket(server);
    ws.send('420["unheard of"]');
    ws.send('42["message",1]');
    assert.equal(await ws.next(), '42["message-back",1]');
    await ws.quiet(50);
    ws.destroy();
  });

  test('over polling', async () => {
    const peer = await openPollingSocket(server);
    await peer.say('420["message-with-ack",1]', '421["message-with-ack",2]');
    assert.deepEqual(await peer.hearAll(2), ['430[1]', '431[2]']);
  });
});

describe('acknowledgements of the client', () => {
  const server = serve('socketio');

  /** Makes the server request an acknowledgement; returns its id. */
  async function ask(ws, args = '', prefix = '') {
    ws.send(`42${prefix}["emit-with-ack"${args}]`);
    const question = await ws.next();
    const [, id, json] = /^42(?:\/custom,)?(\d+)(.*)$/.exec(question);
    assert.equal(json, `["emit-with-ack"${args}]`);
    assert.ok(question.startsWith(`42${prefix}${id}`));
    return id;
  }

  for (const args of ['', ',1,"a"', ',{"b":[1,{"c":null}]}']) {
    test(`the answer [${args.slice(1)}] is received`, async () => {
      const ws = await openSocket(server);
      const id = await ask(ws, args);
      ws.send(`43${id}[${args.slice(1)}]`);
      assert.equal(await ws.next(), `42["emit-with-ack"${args}]`);
      ws.destroy();
    });
  }

  test('only the first one counts', async () => {
    const ws = await openSocket(server);
    const id = await ask(ws);
    ws.send(`43${id}["first"]`);
    ws.send(`43${id}["second"]`);
    assert.equal(await ws.next(), '42["emit-with-ack","first"]');
    await assertAlive(ws);
    await ws.quiet(20);
    ws.destroy();
  });

  test('may come in any order, each under its own id', async () => {
    const ws = await openSocket(server);
    const ids = [await ask(ws, ',0'), await ask(ws, ',1'), await ask(ws, ',2')];
    assert.equal(new Set(ids).size, 3);
    for (const i of [1, 2, 0]) {
      ws.send(`43${ids[i]}["to ${i}"]`);
      assert.equal(await ws.next(), `42["emit-with-ack","to ${i}"]`);
    }
    ws.destroy();
  });

  test('may have leading zeros', async () => {
    const ws = await openSocket(server);
    ws.send(`4300${await ask(ws)}["yes"]`);
    assert.equal(await ws.next(), '42["emit-with-ack","yes"]');
    ws.destroy();
  });

  test('count for the socket that was asked only', async () => {
    const [one, two] = [await openSocket(server), await openSocket(server)];
    const id = await ask(one);
    two.send(`43${id}["not me"]`);
    await assertAlive(two);
    await assertAlive(one);
    one.send(`43${id}["me"]`);
    assert.equal(await one.next(), '42["emit-with-ack","me"]');
    one.destroy();
    two.destroy();
  });

  test('count in the namespace of the question only', async () => {
    const ws = await openSocket(server);
    await join(ws, '/custom');
    const id = await ask(ws, ',1', '/custom,');
    ws.send(`43${id}["elsewhere"]`);
    await assertAlive(ws);
    ws.send(`43/custom,${id}["here"]`);
    assert.equal(await ws.next(), '42/custom,["emit-with-ack","here"]');
    ws.destroy();
  });

  test('over polling', async () => {
    const peer = await openPollingSocket(server);
    await peer.say('42["emit-with-ack",1]');
    const [question] = await peer.hear();
    const [, id] = /^42(\d+)\["emit-with-ack",1\]$/.exec(question);
    await peer.say(`43${id}["yes"]`);
    assert.deepEqual(await peer.hear(), ['42["emit-with-ack","yes"]']);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { encodeFrame, opcode } from '../support/websocket.mjs';
import { ours, serve } from '../support/server.mjs';
import {
  assertAlive,
  join,
  openPollingSocket,
  openSocket,
  placeholder,
} from '../support/socketio.mjs';

describe('rooms', () => {
  const server = serve('socketio');

  /** Opens one socket for each list of rooms, and joins it to these rooms. */
  const sockets = (...lists) => Promise.all(lists.map((rooms) => member(...rooms)));

  async function member(...rooms) {
    const ws = await openSocket(server);
    for (const room of rooms) await enter(ws, room);
    return ws;
  }

  async function enter(ws, room, what = 'join') {
    ws.send(`429${JSON.stringify([what, room])}`);
    assert.equal(await ws.next(), '439[]');
  }

  /** Checks that each of the sockets has nothing to read but the answer to a last question. */
  async function assertNothingElse(...all) {
    for (const ws of all) {
      await assertAlive(ws);
      ws.destroy();
    }
  }

  test('to-room reaches the others in the room', async () => {
    const all = await sockets(['r1'], ['r1'], ['r2'], []);
    const [from, to] = all;
    from.send('42["to-room","r1",1,{"a":[2]}]');
    assert.equal(await to.next(), '42["room-msg",1,{"a":[2]}]');
    await assertNothingElse(...all);
  });

  test('to-room needs no membership', async () => {
    const all = await sockets([], ['r3']);
    all[0].send('42["to-room","r3","from outside"]');
    assert.equal(await all[1].next(), '42["room-msg","from outside"]');
    await assertNothingElse(...all);
  });

  test('ns-room reaches everyone in the room', async () => {
    const all = await sockets(['r4'], ['r4'], []);
    all[0].send('42["ns-room","r4"]');
    assert.equal(await all[0].next(), '42["room-msg"]');
    assert.equal(await all[1].next(), '42["room-msg"]');
    await assertNothingElse(...all);
  });

  test('a room that nobody is in', async () => {
    const all = await sockets([], []);
    all[0].send('42["to-room","nobody",1]');
    all[0].send('42["ns-room","nobody",1]');
    await assertNothingElse(...all);
  });

  test('a room whose name is beyond ASCII, and one without a name', async () => {
    const all = await sockets(['rüm ☃ "x"'], ['']);
    for (const [to, room] of [[0, 'rüm ☃ "x"'], [1, '']]) {
      all[0].send(`42${JSON.stringify(['ns-room', room, 1])}`);
      assert.equal(await all[to].next(), '42["room-msg",1]');
    }
    await assertNothingElse(...all);
  });

  test('leaving ends it, and joining twice changes nothing', async () => {
    const all = await sockets([], ['r5', 'r5', 'r6']);
    all[0].send('42["ns-room","r5",1]');
    assert.equal(await all[1].next(), '42["room-msg",1]');
    await enter(all[1], 'r5', 'leave');
    await enter(all[1], 'never joined', 'leave');
    all[0].send('42["ns-room","r5",2]');
    all[0].send('42["ns-room","r6",3]');
    assert.equal(await all[1].next(), '42["room-msg",3]');
    await assertNothingElse(...all);
  });

  test('a socket that left the namespace is in no room of its next life', async () => {
    const all = await sockets([], ['r7']);
    all[1].send('41');
    await all[1].quiet(20);
    await join(all[1]);
    all[0].send('42["ns-room","r7",1]');
    await assertNothingElse(...all);
  });

  test("a socket's id is a room of its own", async () => {
    const all = await sockets([], [], []);
    all[0].send(`42["to-room","${all[1].id}","private"]`);
    assert.equal(await all[1].next(), '42["room-msg","private"]');
    await assertNothingElse(...all);
  });

  test('binary reaches everyone with its attachments', async () => {
    const all = await sockets(['r8'], ['r8'], ['r8']);
    all[0].send(`451-["ns-room","r8",${placeholder(0)}]`);
    all[0].send(Buffer.from([1, 2, 3]));
    for (const ws of all) {
      assert.equal(await ws.next(), `451-["room-msg",${placeholder(0)}]`);
      assert.deepEqual(await ws.next(), Buffer.from([1, 2, 3]));
    }
    await assertNothingElse(...all);
  });

  test('broadcast reaches everyone else in the namespace, whatever the transport', async () => {
    const from = await openSocket(server);
    const [ws, custom] = [await openSocket(server), await openSocket(server, '/custom')];
    const polling = await openPollingSocket(server);
    from.send('42["broadcast",1,"é"]');
    assert.equal(await ws.next(), '42["broadcast-msg",1,"é"]');
    assert.deepEqual(await polling.hear(), ['42["broadcast-msg",1,"é"]']);
    from.send(`451-["broadcast",${placeholder(0)}]`);
    from.send(Buffer.from([1, 2, 3, 4]));
    const reply = `451-["broadcast-msg",${placeholder(0)}]`;
    assert.equal(await ws.next(), reply);
    assert.deepEqual(await ws.next(), Buffer.from([1, 2, 3, 4]));
    assert.deepEqual(await polling.hearAll(2), [reply, 'bAQIDBA==']);
    await custom.quiet(20);
    custom.destroy();
    await assertNothingElse(from, ws);
    await polling.say('1');
  });

  test('a broadcast waits for a client that is between its polls', async () => {
    const [from, polling] = [await openSocket(server), await openPollingSocket(server)];
    for (let i = 0; i < 3; ++i) from.send(`42["broadcast",${i}]`);
    await assertAlive(from);
    const expected = [0, 1, 2].map((i) => `42["broadcast-msg",${i}]`);
    assert.deepEqual(await polling.hear(), expected);
    from.destroy();
    await polling.say('1');
  });

  // The reference asks the system which connections have something to read, in no certain order.
  ours('what two connections send is received in the order in which it was sent', async () => {
    const [one, two, to] = await sockets([], [], ['order']);
    const say = (ws, i) => ws.write(encodeFrame(opcode.text, `42["to-room","order",${i}]`));
    for (let i = 0; i < 100; i += 2) {
      say(i % 4 === 0 ? one : two, i);
      say(i % 4 === 0 ? two : one, i + 1);
      assert.equal(await to.next(), `42["room-msg",${i}]`);
      assert.equal(await to.next(), `42["room-msg",${i + 1}]`);
    }
    await assertNothingElse(one, two, to);
  });
});

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { serve } from '../support/server.mjs';
import { assertAlive, join, openSocket } from '../support/socketio.mjs';

describe('namespaces', () => {
  const server = serve('socketio');

  test('share a connection', async () => {
    const ws = await openSocket(server);
    await join(ws, '/custom');
    ws.send('42/custom,["message","é"]');
    assert.equal(await ws.next(), '42/custom,["message-back","é"]');
    await assertAlive(ws);
    ws.destroy();
  });

  test('have sockets of their own', async () => {
    const ws = await openSocket(server);
    const custom = await join(ws, '/custom');
    ws.send('420["who"]');
    assert.equal(await ws.next(), `430["${ws.id}","/"]`);
    ws.send('42/custom,0["who"]');
    assert.equal(await ws.next(), `43/custom,0["${custom}","/custom"]`);
    ws.destroy();
  });

  test('have broadcasts and rooms of their own', async () => {
    const [one, two] = [await openSocket(server), await openSocket(server, '/custom')];
    two.send('42/custom,0["join","here"]');
    assert.equal(await two.next(), '43/custom,0[]');
    one.send('42["broadcast",1]');
    one.send('42["ns-room","here",1]');
    await assertAlive(one);
    await two.quiet(20);
    one.destroy();
    two.destroy();
  });

  for (const leave of ['41/custom,', '41/custom']) {
    test(`${leave} has no answer, and may be followed by another CONNECT`, async () => {
      const ws = await openSocket(server);
      const first = await join(ws, '/custom');
      ws.send(leave);
      await assertAlive(ws);
      const second = await join(ws, '/custom');
      assert.notEqual(first, second);
      await assertAlive(ws);
      ws.destroy();
    });
  }

  for (const leave of ['41', '41/', '41/,']) {
    test(`${leave} leaves the main one, and the others live on`, async () => {
      const ws = await openSocket(server);
      await join(ws, '/custom');
      ws.send(leave);
      ws.send('42/custom,["message",1]');
      assert.equal(await ws.next(), '42/custom,["message-back",1]');
      await join(ws);
      await assertAlive(ws);
      ws.destroy();
    });
  }

  test('a client that left the last one may come back', async () => {
    const ws = await openSocket(server);
    ws.send('41');
    await ws.quiet(100);
    await join(ws);
    await assertAlive(ws);
    ws.destroy();
  });

  test('a packet for one that was left closes the connection', async () => {
    const ws = await openSocket(server);
    ws.send('41');
    await ws.quiet(20);
    ws.send('42["message",1]');
    assert.equal(await ws.closed(), 1005);
  });
});

// The client that everybody uses, over each of its transports.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { io } from 'socket.io-client';

import { patience, sleep, within } from '../support/patience.mjs';
import { serve } from '../support/server.mjs';

const event = (emitter, name) => within(once(emitter, name), `the event ${name}`);

for (const transports of [['polling'], ['websocket'], ['polling', 'websocket']]) {
  describe(`the stock client over ${transports.join(', then ')}`, () => {
    const server = serve('socketio', { 'ping-interval': 300, 'ping-timeout': 20_000 });

    /** Runs a test with a connected client. */
    const testWith = (name, body, nsp = '/') =>
      test(name, async () => {
        const socket = io(`${server.url}${nsp}`, {
          transports,
          forceNew: true,
          reconnectionDelay: 50,
          auth: { token: 'x' },
        });
        try {
          const auth = event(socket, 'auth');
          await event(socket, 'connect');
          assert.deepEqual(await auth, [{ token: 'x' }]);
          await body(socket);
        } finally {
          socket.disconnect();
        }
      });

    testWith('events', async (socket) => {
      const back = event(socket, 'message-back');
      socket.emit('message', 1, 'é', { a: [null, true] });
      assert.deepEqual(await back, [1, 'é', { a: [null, true] }]);
    });

    testWith('acknowledgements both ways', async (socket) => {
      const replies = Array.from({ length: 50 }, (_, i) =>
        socket.timeout(patience).emitWithAck('message-with-ack', i),
      );
      assert.deepEqual(await Promise.all(replies), Array.from({ length: 50 }, (_, i) => i));
      const final = new Promise((resolve) => {
        socket.on('emit-with-ack', (...args) => {
          const reply = args.pop();
          if (typeof reply === 'function') reply('answer', ...args);
          else resolve([...args, reply]);
        });
      });
      socket.emit('emit-with-ack', 1);
      assert.deepEqual(await within(final, 'the answer'), ['answer', 1]);
    });

    testWith('binary both ways', async (socket) => {
      const bytes = Buffer.from([1, 2, 3, 0, 255]);
      const back = event(socket, 'message-back');
      socket.emit('message', { bytes, list: [bytes] }, 'text');
      assert.deepEqual(await back, [{ bytes, list: [bytes] }, 'text']);
      const reply = await socket.timeout(patience).emitWithAck('message-with-ack', bytes);
      assert.deepEqual(reply, bytes);
    });

    testWith('an event named error', async (socket) => {
      const error = new Promise((resolve) => socket.once('error', resolve));
      socket.emit('fire-error', { code: 1 });
      assert.deepEqual(await within(error, 'the event error'), { code: 1 });
      assert.ok(socket.connected);
    });

    testWith(
      'another namespace',
      async (socket) => {
        const who = new Promise((resolve) => socket.emit('who', (...args) => resolve(args)));
        assert.deepEqual(await within(who, 'who'), [socket.id, '/custom']);
      },
      '/custom',
    );

    testWith('pings', async (socket) => {
      for (let pings = 0; pings < 3; ++pings) await event(socket.io, 'ping');
      assert.ok(socket.connected);
      const back = event(socket, 'message-back');
      socket.emit('message');
      await back;
    });

    testWith('the reason of each disconnect, and coming back', async (socket) => {
      let disconnected = event(socket, 'disconnect');
      socket.emit('close-transport');
      assert.equal((await disconnected)[0], 'transport close');
      await event(socket, 'connect');

      for (const close of [false, true]) {
        disconnected = event(socket, 'disconnect');
        socket.emit('server-disconnect', close);
        assert.equal((await disconnected)[0], 'io server disconnect');
        socket.connect();
        await event(socket, 'connect');
      }

      disconnected = event(socket, 'disconnect');
      socket.disconnect();
      assert.equal((await disconnected)[0], 'io client disconnect');
    });

    for (const [nsp, message, data] of [
      ['/no', 'denied', { code: 'E_AUTH', n: 1 }],
      ['/unknown', 'Invalid namespace', undefined],
    ]) {
      test(`connect_error from ${nsp}`, async () => {
        const socket = io(`${server.url}${nsp}`, { transports, forceNew: true });
        const [error] = await event(socket, 'connect_error');
        assert.deepEqual([error.message, error.data], [message, data]);
        assert.equal(socket.active, false);
        socket.disconnect();
      });
    }

    if (transports.length === 2) {
      testWith('the upgrade loses nothing', async (socket) => {
        const seen = [];
        socket.on('message-back', (i) => seen.push(i));
        const { engine } = socket.io;
        let sent = 0;
        const isUpgraded = () => engine.transport.name === 'websocket';
        for (let left = 20; left > 0; isUpgraded() && --left) {
          socket.emit('message', sent++);
          await sleep(5);
        }
        while (seen.length < sent) await event(socket, 'message-back');
        await sleep(100); // for what may come twice
        assert.deepEqual(seen, Array.from({ length: sent }, (_, i) => i));
      });
    }
  });
}

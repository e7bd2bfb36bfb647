// Connection state recovery as the stock client sees it, on the reference server and on ours.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { io } from 'socket.io-client';

import { Cable } from '../support/cable.mjs';
import { untilGone } from '../support/engineio.mjs';
import { eventually, within } from '../support/patience.mjs';
import { Peer, sessions } from '../support/recovery.mjs';
import { calm, reference, serve, tested } from '../support/server.mjs';

const event = (emitter, name) => within(once(emitter, name), `the event ${name}`);

for (const [title, program] of [
  ['the reference server', reference],
  ['our server', tested],
]) {
  for (const transport of ['websocket', 'polling']) {
    describe(`the stock client recovers on ${title} over ${transport}`, () => {
      const opposite = transport === 'polling' ? 'websocket' : 'polling';
      const server = serve('socketio', { ...calm, recovery: true }, program);

      /** Runs a test with a connected client, another one, and what the first has got so far. */
      const testWith = (name, body, nsp = '/') =>
        test(name, async () => {
          const cable = await Cable.to(server);
          const socket = io(`${cable.url}${nsp}`, {
            transports: [transport],
            forceNew: true,
            reconnectionDelay: 10,
            reconnectionDelayMax: 50,
          });
          const log = [];
          socket.on('connect', () => log.push(['connect', socket.recovered]));
          socket.onAny((...all) => log.push(all));
          try {
            // The other one may be slower.
            const [other] = await Promise.all([
              Peer.connect(sessions.websocket, server),
              event(socket, nsp === '/quiet' ? 'connect' : 'auth'),
            ]);
            await body({ cable, socket, other, log });
          } finally {
            socket.disconnect();
            cable.close();
          }
        });

      /** Cuts the connection without a word, and waits until both ends have noticed. */
      async function cut({ cable, socket, log }) {
        if (transport === 'polling') await eventually(() => cable.isPolling, 'a poll');
        const { id } = socket.io.engine;
        const noticed = event(socket, 'disconnect');
        cable.unplug();
        await Promise.all([noticed, untilGone(server, id, opposite)]);
        log.length = 0;
      }

      async function comeBack({ cable, socket }) {
        const connected = event(socket, 'connect');
        cable.plugIn();
        await connected;
      }

      /** What the socket has got by the time of a last event. */
      async function received({ socket, log }) {
        socket.emit('message', 'last');
        await event(socket, 'message-back');
        return log.filter(([name]) => name !== 'auth').map((all) => all.slice(0, 2));
      }

      const state = async (socket) => within(socket.emitWithAck('state'), 'the state');
      const last = ['message-back', 'last'];

      testWith('with nothing missed', async (scene) => {
        const { id } = scene.socket;
        await cut(scene);
        await comeBack(scene);
        assert.equal(scene.socket.id, id);
        assert.deepEqual(await received(scene), [['connect', true], last]);
      });

      testWith('and gets what it missed before it is connected', async (scene) => {
        const { socket, other } = scene;
        const { id } = socket;
        await within(socket.emitWithAck('join', 'room'), 'the room');
        await within(socket.emitWithAck('set-data', 1), 'the data');
        await cut(scene);
        await other.emit('broadcast', 1);
        await other.emit('to-room', 'room', 2);
        await other.emit('to-room', 'another room', 3);
        await other.emit('emit-to', [], ['room'], 4);
        await other.emit('to-room', id, Buffer.from([5]));
        assert.deepEqual(await other.next(), ['room-msg', 4]);
        await comeBack(scene);
        assert.deepEqual(await state(socket), {
          recovered: true,
          rooms: [id, 'room'],
          data: { value: 1 },
        });
        assert.deepEqual(await received(scene), [
          ['broadcast-msg', 1],
          ['room-msg', 2],
          ['room-msg', Buffer.from([5])],
          ['connect', true],
          last,
        ]);
      });

      testWith('twice in a row', async (scene) => {
        const { socket, other } = scene;
        const { id } = socket;
        for (const i of [1, 2]) {
          await cut(scene);
          await other.emit('to-room', id, i);
          await other.state();
          await comeBack(scene);
          assert.equal(socket.id, id);
          assert.deepEqual(await received(scene), [['room-msg', i], ['connect', true], last]);
        }
      });

      testWith('and its events of the time between are received', async (scene) => {
        const { socket } = scene;
        await cut(scene);
        socket.emit('message', 'buffered');
        const back = event(socket, 'message-back');
        await comeBack(scene);
        assert.equal((await back)[0], 'buffered');
        assert.equal(socket.recovered, true);
      });

      testWith('after the server has closed the connection', async (scene) => {
        const { socket, log } = scene;
        const { id } = socket;
        log.length = 0;
        const disconnected = event(socket, 'disconnect');
        socket.emit('close-transport');
        assert.equal((await disconnected)[0], 'transport close');
        await event(socket, 'connect');
        assert.equal(socket.id, id);
        assert.deepEqual(await received(scene), [['connect', true], last]);
      });

      testWith(
        'not before it has got an event',
        async (scene) => {
          const { id } = scene.socket;
          await cut(scene);
          await comeBack(scene);
          assert.notEqual(scene.socket.id, id);
          assert.equal(scene.socket.recovered, false);
          await received(scene);
          const { id: second } = scene.socket;
          await cut(scene);
          await comeBack(scene);
          assert.equal(scene.socket.id, second);
          assert.equal(scene.socket.recovered, true);
        },
        '/quiet',
      );

      testWith('not after its own disconnect', async (scene) => {
        const { socket } = scene;
        const { id } = socket;
        socket.disconnect();
        socket.connect();
        await event(socket, 'connect');
        assert.notEqual(socket.id, id);
        assert.equal(socket.recovered, false);
        assert.deepEqual(await state(socket), { recovered: false, rooms: [socket.id], data: {} });
      });

      for (const close of [false, true]) {
        testWith(`not after the server has disconnected it (${close})`, async (scene) => {
          const { socket } = scene;
          const { id } = socket;
          const disconnected = event(socket, 'disconnect');
          socket.emit('server-disconnect', close);
          assert.equal((await disconnected)[0], 'io server disconnect');
          socket.connect();
          await event(socket, 'connect');
          assert.notEqual(socket.id, id);
          assert.equal(socket.recovered, false);
        });
      }

      testWith('not when its page overrides the offset', async (scene) => {
        const { socket } = scene;
        const { id } = socket;
        socket.auth = { offset: null };
        await cut(scene);
        await comeBack(scene);
        assert.notEqual(socket.id, id);
        assert.equal(socket.recovered, false);
      });
    });
  }
}

// Every stock client in use keeps its seat, or notices nothing: those that can recover do so however
// often they are cut, and older ones play as before.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { io as io_4_8 } from 'socket.io-client';
import { io as io_3_1 } from 'socket.io-client-3.1';
import { io as io_4_5 } from 'socket.io-client-4.5';
import { io as io_4_6 } from 'socket.io-client-4.6';
import { io as io_4_7 } from 'socket.io-client-4.7';

import { ways } from './support/client.mjs';
import { random } from './support/random.mjs';
import { back, cutOff, duo, heardOf, heartbeat, isInTurn, seats, soon } from './support/seats.mjs';

const [, overWebSocket] = ways;
const recovering = [
  ['4.6', io_4_6],
  ['4.7', io_4_7],
  ['4.8', io_4_8],
];
const older = [
  ['3.1', io_3_1],
  ['4.5', io_4_5],
];

describe('A client that can recover', () => {
  const play = seats('--reconnect-grace', '60');

  for (const [version, connect] of recovering) {
    for (const way of ways) {
      play(`keeps its seat when cut at any moment: ${version} over ${way.name}`, async ({ open, line }) => {
        const bobs = await line();
        const alice = open(overWebSocket);
        const bob = open(way, soon, { url: bobs.url, connect });
        const roomCode = await duo(alice, bob);
        const { id } = bob;

        const { pause } = random(`${version} ${way.name}`);
        for (let i = 1; i <= 10; ++i) {
          await pause(20);
          await cutOff(bobs, bob);
          const state = await back(bob);
          assert.equal(bob.socket.recovered, true, `cut ${i}`);
          assert.equal(bob.id, id, `cut ${i}`);
          assert.equal(state.roomCode, roomCode);
          assert.equal(state.resumed, true);
          assert.deepEqual(state.participants.map(({ name }) => name), ['Alice', 'Bob']);
        }
        await alice.caughtUp();
        assert.ok(isInTurn(heardOf(alice, id)), alice.story());
        assert.equal(heardOf(alice, id).length % 2, 1, 'Bob is present');

        // The seat is no picture of one: what is played goes both ways.
        bob.emit('session:event', { type: 'note', data: 7 });
        assert.deepEqual(await alice.until('session:event'), { userId: id, type: 'note', data: 7 });
        alice.emit('session:event', { type: 'note', data: 8 });
        assert.deepEqual(await bob.until('session:event'), { userId: alice.id, type: 'note', data: 8 });
      });
    }

    play(`comes back before it has received any event: ${version}`, async ({ open, line, server }) => {
      const bobs = await line();
      const alice = open(overWebSocket);
      const bob = open(overWebSocket, soon, { url: bobs.url, connect });
      await alice.until('connect');
      await bob.until('connect');
      const { id } = bob;
      alice.emit('session:create', { name: 'Alice' });
      const { roomCode } = await alice.until('session:created');
      // The answer never comes.
      bobs.hold('down');
      bob.emit('session:join', { roomCode, name: 'Bob' });
      await alice.until('session:user-joined');
      await bobs.holding('down');
      assert.deepEqual(bob.heard(), ['connect']);
      await cutOff(bobs, bob);
      bobs.deliver();
      const state = await back(bob);
      assert.equal(bob.socket.recovered, true);
      assert.equal(bob.id, id);
      assert.equal(state.userId, id);
      await alice.caughtUp();
      assert.ok(isInTurn(heardOf(alice, id)), server.log);
    });
  }
});

describe('A client older than recovery', () => {
  const play = seats('--reconnect-grace', '60', '--seat-hold', '3600', '--max-participants', '2', ...heartbeat);
  const known = [
    'connect', 'disconnect', 'session:created', 'session:joined', 'session:user-joined', 'session:user-left',
    'session:event', 'session:host-changed', 'session:left',
  ];

  for (const [version, connect] of older) {
    for (const way of ways) {
      play(`gets back into a full session at once: ${version} over ${way.name}`, async ({ open, line, server }) => {
        const bobs = await line();
        const alice = open(overWebSocket);
        const bob = open(way, soon, { url: bobs.url, connect });
        const roomCode = await duo(alice, bob);

        for (let i = 1; i <= 3; ++i) {
          const { id } = bob;
          // In the middle of an upgrade the server would know of no loss until the next heartbeat.
          await bob.on(way.options.transports.at(-1));
          await bob.caughtUp();
          await cutOff(bobs, bob);
          await bob.until('connect');
          assert.notEqual(bob.id, id);
          // The server has to know of the loss.
          await server.logged('participant away', id);
          bob.emit('session:join', { roomCode, name: 'Bob' });
          const state = await bob.until('session:joined');
          assert.equal(state.resumed, undefined);
          assert.deepEqual(state.participants.map(({ id }) => id), [alice.id, bob.id]);
          assert.equal(state.hostId, alice.id);
          await alice.caughtUp();
          assert.deepEqual(heardOf(alice, id), ['joined', 'away', 'gone: seat_taken']);
        }
        await bob.caughtUp();
        assert.deepEqual(bob.heard().filter((event) => !known.includes(event)), []);
      });
    }
  }
});

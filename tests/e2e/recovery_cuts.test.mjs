// Lines that break at the worst moment: in the middle of a command, of an upgrade, of a return, and without
// the server noticing.
import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { io as io_4_8 } from 'socket.io-client';
import { io as io_4_6 } from 'socket.io-client-4.6';
import { io as io_4_7 } from 'socket.io-client-4.7';

import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { back, cutOff, dropsOf, duo, heardOf, isInTurn, seats, soon } from './support/seats.mjs';
import { isTls } from './support/tls.mjs';

const [overPolling, overWebSocket] = ways;
const versions = [
  ['4.6', io_4_6],
  ['4.7', io_4_7],
  ['4.8', io_4_8],
];
/**
 * What is as slow as polling need not be played with each version. Over TLS it cannot be played at all: when
 * nothing comes back, a POST gets no further than the handshake.
 */
const cases = [
  ...(isTls ? [] : [['4.8', io_4_8, overPolling]]),
  ...versions.map((version) => [...version, overWebSocket]),
];

/**
 * Cuts the line of a client in no session, who comes back when the server has noticed: before that, the return would
 * only move the client to another connection.
 */
const cutUntilNoticed = (server) => async (line, client) => {
  const { id } = client;
  const losses = () => server.lines('client disconnected', id).length;
  const before = losses();
  client.socket.io.reconnection(false);
  await cutOff(line, client);
  // Between two polls the server hears of it only from the client itself, in a POST of its own.
  line.deliver();
  await eventually(() => losses() > before, () => `the loss of ${id}`);
  client.socket.io.reconnection(true);
  client.socket.connect();
};

/** Emits something that never reaches the server, because the line is cut. */
async function lostOnTheWay(cut, line, client, ...event) {
  line.hold('up');
  client.emit(...event);
  await line.holding('up');
  await cut(line, client);
  line.deliver();
}

/** Emits something of which the server's answer never comes back, because the line is cut. */
async function lostOnTheWayBack(cut, line, client, hasArrived, ...event) {
  line.hold('down');
  client.emit(...event);
  await hasArrived();
  await cut(line, client);
  line.deliver();
}

describe('A line that is cut in the middle of a command', () => {
  const play = seats('--reconnect-grace', '60');

  for (const [version, connect, way] of cases) {
    const enter = async ({ line, open }) => {
      const bobs = await line();
      const alice = open(overWebSocket);
      const bob = open(way, soon, { url: bobs.url, connect });
      return { bobs, alice, bob };
    };

    play(`session:create, ${version} over ${way.name}`, async (stage) => {
      const { bobs, bob } = await enter(stage);
      await bob.until('connect');
      // A client in no session has no seat, and is not told of the end of one.
      const { id } = bob;
      await lostOnTheWay(cutUntilNoticed(stage.server), bobs, bob, 'session:create', { name: 'Bob' });
      await bob.until('connect');
      assert.notEqual(bob.id, id);
      assert.equal(bob.socket.recovered, false);
      await bob.caughtUp();
      assert.deepEqual(bob.heard(), ['connect', 'disconnect', 'connect']);

      const second = bob.id;
      const created = () => stage.server.logged('session created', second);
      await lostOnTheWayBack(cutOff, bobs, bob, created, 'session:create', { name: 'Bob' });
      const state = await back(bob);
      assert.equal(bob.id, second);
      assert.equal(bob.socket.recovered, true);
      assert.equal(state.hostId, second);
      assert.deepEqual(state.participants.map(({ name }) => name), ['Bob']);
    });

    play(`session:join, ${version} over ${way.name}`, async (stage) => {
      const { bobs, alice, bob } = await enter(stage);
      await alice.until('connect');
      alice.emit('session:create', { name: 'Alice' });
      const { roomCode } = await alice.until('session:created');
      await bob.until('connect');
      await lostOnTheWay(cutUntilNoticed(stage.server), bobs, bob, 'session:join', { roomCode, name: 'Bob' });
      await bob.until('connect');
      assert.equal(bob.socket.recovered, false);
      assert.deepEqual(alice.heard(), ['connect', 'session:created']);

      const { id } = bob;
      const joined = () => alice.until('session:user-joined');
      await lostOnTheWayBack(cutOff, bobs, bob, joined, 'session:join', { roomCode, name: 'Bob' });
      const state = await back(bob);
      assert.equal(bob.id, id);
      assert.equal(bob.socket.recovered, true);
      assert.equal(state.roomCode, roomCode);
      await alice.caughtUp();
      assert.ok(isInTurn(heardOf(alice, id)), alice.story());
    });

    play(`session:update and session:event, ${version} over ${way.name}`, async (stage) => {
      const { bobs, alice, bob } = await enter(stage);
      await duo(alice, bob);
      const { id } = bob;
      const instrumentOf = ({ participants }) => participants.find((one) => one.id === id).instrument;

      await lostOnTheWay(cutOff, bobs, bob, 'session:update', { instrument: 'drums' });
      assert.equal(instrumentOf(await back(bob)), 'unknown');
      const updated = () => stage.server.logged('updated', id);
      await lostOnTheWayBack(cutOff, bobs, bob, updated, 'session:update', { instrument: 'bass' });
      assert.equal(instrumentOf(await back(bob)), 'bass');

      await lostOnTheWay(cutOff, bobs, bob, 'session:event', { type: 'note', data: 'lost' });
      await back(bob);
      const heard = () => alice.until('session:event');
      await lostOnTheWayBack(cutOff, bobs, bob, heard, 'session:event', { type: 'note', data: 'heard' });
      await back(bob);
      assert.equal(bob.id, id);
      assert.equal(bob.socket.recovered, true);
      await alice.caughtUp();
      const notes = alice.transcript.filter(([event]) => event === 'session:event');
      assert.deepEqual(notes.map(([, { data }]) => data), ['heard']);
      assert.ok(isInTurn(heardOf(alice, id)), alice.story());
    });

    play(`session:leave, ${version} over ${way.name}`, async (stage) => {
      const { bobs, alice, bob } = await enter(stage);
      const roomCode = await duo(alice, bob);
      const { id } = bob;
      // What has not reached the server has not happened.
      await lostOnTheWay(cutOff, bobs, bob, 'session:leave', { roomCode });
      assert.equal((await back(bob)).roomCode, roomCode);
      assert.equal(bob.id, id);

      const left = () => stage.server.logged('session left', id);
      await lostOnTheWayBack(cutUntilNoticed(stage.server), bobs, bob, left, 'session:leave', { roomCode });
      await bob.until('connect');
      assert.equal(bob.socket.recovered, false);
      await bob.caughtUp();
      assert.ok(!bob.heard().includes('session:ended'), 'nobody is told of the end that they chose');
      await alice.caughtUp();
      const heard = heardOf(alice, id);
      assert.equal(heard.pop(), 'left');
      assert.ok(isInTurn(heard), alice.story());
    });
  }
});

describe('A line that is cut again and again', () => {
  const play = seats('--reconnect-grace', '60');

  for (const [version, connect, way] of cases) {
    play(`before each return is answered, ${version} over ${way.name}`, async ({ line, open }) => {
      const bobs = await line();
      const alice = open(overWebSocket);
      const bob = open(way, soon, { url: bobs.url, connect });
      await duo(alice, bob);
      const { id } = bob;
      // The server has given the seat back, and the client does not know.
      for (const direction of ['up', 'down', 'down', 'up', 'down']) {
        let isOpen = false;
        bob.socket.io.once('open', () => {
          bobs.hold(direction);
          isOpen = true;
        });
        await cutOff(bobs, bob);
        await eventually(() => isOpen && bobs.held[direction] > 0, () => 'a CONNECT on its way');
        const mark = bob.transcript.length;
        bobs.cut();
        bobs.deliver();
        await back(bob);
        assert.equal(bob.socket.recovered, true);
        assert.equal(bob.id, id);
        assert.equal(bob.heard(mark).filter((event) => event === 'connect').length, 1);
      }
      await alice.caughtUp();
      assert.ok(isInTurn(heardOf(alice, id)), alice.story());
      assert.equal(heardOf(alice, id).length % 2, 1);
    });
  }

  play('under a whole band, with the delays of every client as they are', async ({ line, open }) => {
    const alice = open(overWebSocket);
    await alice.until('connect');
    alice.emit('session:create', { name: 'Alice' });
    const { roomCode } = await alice.until('session:created');
    const lines = [];
    const band = [];
    for (const [, connect] of versions) {
      for (const way of ways) {
        lines.push(await line());
        band.push(open(way, {}, { url: lines.at(-1).url, connect }));
      }
    }
    for (const [i, bob] of band.entries()) {
      await bob.until('connect');
      bob.emit('session:join', { roomCode, name: `Bob ${i}` });
      await bob.until('session:joined');
    }
    const ids = band.map(({ id }) => id);
    await Promise.all(band.map((bob, i) => cutOff(lines[i], bob)));
    await Promise.all(band.map(back));
    await eventually(() => band.every(({ socket }) => socket.connected), () => 'the whole band');
    assert.deepEqual(band.map(({ id }) => id), ids);
    assert.ok(band.every(({ socket }) => socket.recovered));
    await alice.caughtUp();
    for (const id of ids) {
      assert.ok(isInTurn(heardOf(alice, id)), alice.story());
      assert.equal(heardOf(alice, id).length % 2, 1);
    }
    // The order of joining is theirs again.
    alice.emit('session:join', { roomCode, name: 'Alice' });
    const { participants } = await alice.until('session:joined');
    assert.deepEqual(participants.slice(-9).map(({ id }) => id), ids);
  });
});

describe('A line that is cut during the upgrade', () => {
  // A client whose poll hangs notices it by the heartbeat.
  const play = seats('--reconnect-grace', '60', '--ping-interval', '300', '--ping-timeout', '5000');

  for (const moment of ['upgrading', 'upgrade']) {
    for (const [version, connect] of versions) {
      play(`at the event ${moment}, ${version}`, async ({ line, open }) => {
        const bobs = await line();
        const alice = open(overWebSocket);
        const bob = open(ways[2], soon, { url: bobs.url, connect });
        await duo(alice, bob);
        const { id } = bob;
        let cuts = 0;
        let ends = 0;
        bob.socket.io.on('open', () => {
          bob.socket.io.engine.once(moment, () => {
            if (cuts === 5) return;
            ++cuts;
            bob.socket.io.once('close', () => ++ends);
            bobs.cut();
          });
        });
        await cutOff(bobs, bob);
        const progress = () => `5 cuts at ${moment}; there were ${cuts}, and ${ends} ends`;
        await eventually(() => ends === 5, progress, 90_000);
        await eventually(() => bob.socket.connected, () => bob.story());
        await bob.caughtUp();
        assert.equal(bob.socket.recovered, true);
        assert.equal(bob.id, id);
        assert.ok(!bob.heard().includes('session:ended'));
        await alice.caughtUp();
        assert.ok(isInTurn(heardOf(alice, id)), alice.story());
        assert.equal(heardOf(alice, id).length % 2, 1);
      });
    }
  }
});

describe('A loss that the server has not noticed', () => {
  const play = seats('--reconnect-grace', '60');
  const beating = seats('--reconnect-grace', '60', '--ping-interval', '300', '--ping-timeout', '8000');

  beating('is noticed by the return, and the old connection disturbs nobody when it ends', async ({ line, open }) => {
    const alice = open(overWebSocket);
    await alice.until('connect');
    alice.emit('session:create', { name: 'Alice' });
    const { roomCode } = await alice.until('session:created');
    const lines = await Promise.all(ways.map(() => line()));
    const band = ways.map((way, i) => open(way, soon, { url: lines[i].url }));
    for (const bob of band) {
      await bob.until('connect');
      await bob.on(bob.socket.io.opts.transports.at(-1));
      bob.emit('session:join', { roomCode, name: 'Bob' });
      await bob.until('session:joined');
    }
    const ids = band.map(({ id }) => id);
    const cutClients = (its) => {
      its.holdOpen('up');
      its.holdOpen('down');
      its.cutClients();
    };
    await Promise.all(band.map((bob, i) => cutOff(lines[i], bob, () => cutClients(lines[i]))));
    await Promise.all(band.map(back));
    assert.deepEqual(band.map(({ id }) => id), ids);
    assert.ok(band.every(({ socket }) => socket.recovered));

    // Longer than the server waits for the pong of the old connections.
    const pings = band.map(({ socket }) => {
      let count = 0;
      socket.io.on('ping', () => ++count);
      return () => count;
    });
    await eventually(() => pings.every((count) => count() >= 30), () => `pings: ${pings.map((count) => count())}`, 90_000);
    assert.ok(band.every((bob) => bob.socket.connected && dropsOf(bob) === 1));
    await alice.caughtUp();
    for (const id of ids) assert.ok(isInTurn(heardOf(alice, id)), alice.story());
    for (const bob of band) assert.ok(!bob.heard().includes('session:ended'), bob.story());
  });

  for (const last of [['session:leave', 'roomCode'], ['session:event'], ['session:create'], ['disconnect']]) {
    play(`what comes late of the old connection does nothing: ${last[0]}`, async ({ line, open, server }) => {
      const bobs = await line();
      const alice = open(overWebSocket);
      const bob = open(overWebSocket, soon, { url: bobs.url });
      const roomCode = await duo(alice, bob);
      const { id } = bob;
      bobs.holdOpen('up');
      if (last[0] === 'disconnect') bob.socket.io.engine.write('41');
      if (last[0] === 'session:leave') bob.emit('session:leave', { roomCode });
      if (last[0] === 'session:create') bob.emit('session:create', { name: 'Bob' });
      if (last[0] === 'session:event') bob.emit('session:event', { type: 'note', data: 'late' });
      await bobs.holding('up');
      bobs.cutClients();
      const state = await back(bob);
      assert.equal(state.roomCode, roomCode);
      const open_ = bobs.open;
      bobs.deliver();
      await eventually(() => bobs.open < open_ || bobs.open === 1, () => 'the end of the old connection');
      await bob.caughtUp();
      await alice.caughtUp();
      assert.deepEqual(heardOf(alice, id), ['joined'], server.log);
      assert.ok(!alice.heard().includes('session:event'));
      assert.equal(bob.socket.connected, true);
      bob.emit('session:event', { type: 'note', data: 'now' });
      assert.equal((await alice.until('session:event')).data, 'now');
    });
  }
});

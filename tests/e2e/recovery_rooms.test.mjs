// Kept seats in a room: whose the role of host is, who gets a seat in a full room, and how many seats one
// address may have kept.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually, within } from './support/patience.mjs';
import { pipelined } from './support/pipelined.mjs';
import { back, cutOff, duo, heardOf, heartbeat, metric, seats, soon } from './support/seats.mjs';

const [, overWebSocket] = ways;
const elsewhere = { localAddress: '127.0.0.2' };

describe('A host who closes the lid', () => {
  const play = seats('--reconnect-grace', '60', ...heartbeat);

  for (const way of ways) {
    play(`comes back as host to friends who have joined meanwhile, over ${way.name}`, async ({ line, open, server }) => {
      const alices = await line();
      const alice = open(way, soon, { url: alices.url });
      await alice.until('connect');
      alice.emit('session:create', { name: 'Alice' });
      const { roomCode, userId } = await alice.until('session:created');
      await alice.on(way.options.transports.at(-1));
      await alice.caughtUp();
      alice.socket.io.reconnection(false);
      await cutOff(alices, alice);
      await server.logged('participant away', userId);

      const bobs = await line();
      const bob = open(overWebSocket, soon, { url: bobs.url });
      await bob.until('connect');
      bob.emit('session:join', { roomCode, name: 'Bob' });
      const entered = await bob.until('session:joined');
      assert.deepEqual(entered.participants.map(({ name }) => name), ['Bob']);
      assert.deepEqual(entered.away.map(({ id, name }) => [id, name]), [[userId, 'Alice']]);
      assert.equal(entered.hostId, bob.id);
      const carol = open(overWebSocket);
      await carol.until('connect');
      carol.emit('session:join', { roomCode, name: 'Carol' });
      assert.equal((await carol.until('session:joined')).hostId, bob.id);

      // Nothing that an acting host does makes the role theirs: to be away and come back, or to join again.
      // Who is back before the server has noticed the loss has not been away: so he waits for that.
      bob.socket.io.reconnection(false);
      await cutOff(bobs, bob);
      assert.deepEqual(await carol.until('session:host-changed'), { hostId: carol.id, acting: true });
      bob.socket.io.reconnection(true);
      bob.socket.connect();
      assert.equal((await back(bob)).hostId, bob.id);
      assert.deepEqual(await carol.until('session:host-changed'), { hostId: bob.id, acting: true });
      assert.equal((await bob.request('session:join', { roomCode, name: 'Bob' })).ok, true);
      assert.equal((await bob.request('session:update', { instrument: 'crown' })).ok, true);

      alice.socket.io.reconnection(true);
      alice.socket.connect();
      const state = await back(alice);
      assert.equal(alice.id, userId);
      assert.equal(alice.socket.recovered, true);
      assert.equal(state.hostId, userId);
      assert.deepEqual(state.participants.map(({ name }) => name), ['Alice', 'Bob', 'Carol']);
      assert.equal(state.away, undefined);
      for (const friend of [bob, carol]) {
        await friend.caughtUp();
        const heard = friend.transcript.map(([event, payload]) => [event, payload]);
        assert.deepEqual(heard.slice(-2), [
          ['session:user-joined', { user: { id: userId, name: 'Alice', instrument: 'unknown' }, back: true, after: null }],
          ['session:host-changed', { hostId: userId }],
        ]);
      }

      // Only when she goes for good is the role Bob's own.
      alice.emit('session:leave', { roomCode });
      await server.logged('session left', userId);
      await carol.caughtUp();
      const [, last] = carol.transcript.filter(([event]) => event === 'session:host-changed').at(-1);
      assert.deepEqual(last, { hostId: bob.id });
    });
  }

  play('has the role again when all have dropped and another was back first', async ({ line, open, server }) => {
    const all = await line();
    const alice = open(overWebSocket, { reconnection: false }, { url: all.url });
    const bob = open(overWebSocket, { reconnection: false }, { url: all.url });
    const roomCode = await duo(alice, bob);
    const ids = [alice.id, bob.id];
    all.cut();
    for (const id of ids) await server.logged('participant away', id);
    for (const client of [alice, bob]) await client.until('disconnect');
    bob.socket.connect();
    const alone = await back(bob);
    assert.deepEqual([alone.hostId, alone.participants.length, alone.away.length], [ids[1], 1, 1]);
    alice.socket.connect();
    const state = await back(alice);
    assert.deepEqual([state.hostId, state.roomCode], [ids[0], roomCode]);
    assert.deepEqual(state.participants.map(({ id }) => id), ids);
    assert.deepEqual(await bob.until('session:host-changed'), { hostId: ids[1], acting: true });
    assert.deepEqual(await bob.until('session:host-changed'), { hostId: ids[0] });
  });
});

describe('A full room', () => {
  const withheld = seats('--reconnect-grace', '60', '--seat-hold', '3600', '--max-participants', '2');
  const given = seats('--reconnect-grace', '60', '--seat-hold', '0', '--max-participants', '2');

  withheld('keeps the seat of somebody away from those with other addresses', async ({ line, open, server }) => {
    const bobs = await line();
    const carols = await line(elsewhere);
    const alice = open(overWebSocket);
    const bob = open(overWebSocket, { reconnection: false }, { url: bobs.url });
    const roomCode = await duo(alice, bob);
    const { id } = bob;
    bobs.cut();
    await server.logged('participant away', id);
    const carol = open(overWebSocket, {}, { url: carols.url });
    await carol.until('connect');
    await server.logged('client connected', carol.id, 'address=127.0.0.2');
    const refused = await carol.request('session:join', { roomCode, name: 'Carol' });
    assert.equal(refused.error.code, 'session_full');
    await bob.until('disconnect');
    bob.socket.connect();
    assert.equal((await back(bob)).resumed, true);
    await alice.caughtUp();
    assert.deepEqual(heardOf(alice, id), ['joined', 'away', 'back']);
  });

  given('gives it away after the hold, and its owner hears that on coming back', async ({ line, open, server }) => {
    const bobs = await line();
    const carols = await line(elsewhere);
    const alice = open(overWebSocket);
    const bob = open(overWebSocket, { reconnection: false }, { url: bobs.url });
    const roomCode = await duo(alice, bob);
    const { id } = bob;
    bobs.cut();
    await server.logged('participant away', id);
    const carol = open(overWebSocket, {}, { url: carols.url });
    await carol.until('connect');
    await eventually(
      async () => (await carol.request('session:join', { roomCode, name: 'Carol' })).ok,
      () => 'a seat for Carol',
    );
    await alice.caughtUp();
    assert.deepEqual(heardOf(alice, id), ['joined', 'away', 'gone: seat_taken']);
    await bob.until('disconnect');
    bob.socket.connect();
    await bob.until('connect');
    assert.equal(bob.socket.recovered, false);
    assert.notEqual(bob.id, id);
    assert.deepEqual(await bob.until('session:ended'), { reason: 'seat_taken' });
    const refused = await bob.request('session:join', { roomCode, name: 'Bob' });
    assert.equal(refused.error.code, 'session_full');
    // Who is present loses no seat.
    assert.equal((await carol.request('session:event', { type: 'note' })).ok, true);
  });
});

/** So many connections, each of which creates a session and is cut. */
async function creators(server, count) {
  let begun = 0;
  const next = async () => {
    while (begun < count) {
      ++begun;
      const one = pipelined(server, '40', '42["session:create",{"name":"A"}]');
      await within(Promise.race([one.until('session:created'), one.ended]), () => one.story());
      assert.ok(one.said.includes('session:created'), one.story());
      one.close();
    }
  };
  await Promise.all(Array.from({ length: 10 }, next));
}

describe('An address with many short connections', () => {
  const unlimited = ['--max-connects-per-second-by-address', '0', '--max-joins-per-minute-by-address', '0'];
  const quiet = ['--reconnect-grace', '600', '--log-level', 'error', '--header-timeout', '30000', ...unlimited];
  const flooded = seats(...quiet);
  const crowded = seats(...quiet, '--max-away-seats', '60');
  const narrow = seats(...quiet, '--max-connections-by-address', '80');

  for (const [play, most, connections] of [
    [flooded, 1_000, 2_000],
    [crowded, 60, 300],
    [narrow, 80, 300],
  ]) {
    play(`keeps ${most} seats of ${connections}, and takes none of others`, async ({ line, open, server }) => {
      const bobs = await line(elsewhere);
      const bob = open(overWebSocket, { reconnection: false }, { url: bobs.url });
      await bob.until('connect');
      bob.emit('session:create', { name: 'Bob' });
      const { roomCode, userId } = await bob.until('session:created');
      bobs.cut();
      await bob.until('disconnect');
      await eventually(async () => (await metric(server, 'downbeat_participants_away')) === 1, () => 'the loss of Bob');

      await creators(server, connections);
      await eventually(
        async () => (await metric(server, 'downbeat_connections_websocket')) === 0,
        () => 'the end of all connections',
      );
      // Each event loop has its part of the limit, and one may not have had so many.
      const away = await metric(server, 'downbeat_participants_away');
      assert.ok(away > most / 4 && away <= most + 1, `${away} seats are kept`);
      assert.equal(await metric(server, 'downbeat_sessions'), away);

      bob.socket.connect();
      const state = await back(bob);
      assert.deepEqual([state.roomCode, bob.id, state.resumed], [roomCode, userId, true]);
    });
  }
});

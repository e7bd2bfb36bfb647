// Sessions that outlast the process: it is killed, or ends in order, and the next one goes on with them.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { RawPeer } from './support/raw.mjs';
import { allWritten, back, duo, heardOf } from './support/seats.mjs';
import { restarts, viewOf } from './support/venue.mjs';

const [overPolling, overWebSocket, overBoth] = ways;
const eachCount = (play) => ['1', '2'].forEach((threads) => play(threads, ['--threads', threads]));

/** Members of a session, the first of whom has created it, in the order of joining. */
async function session(open, ...members) {
  const clients = [];
  let roomCode;
  for (const [name, way, options] of members) {
    const client = open(way, options);
    await client.until('connect');
    await client.on(way.options.transports.at(-1));
    if (roomCode) client.emit('session:join', { roomCode, name });
    else client.emit('session:create', { name });
    ({ roomCode } = await client.until(roomCode ? 'session:joined' : 'session:created'));
    clients.push(client);
  }
  for (const client of clients) await client.caughtUp();
  return { roomCode, clients, ids: clients.map(({ id }) => id) };
}

/** Waits until all of a session are back in their own seats, and have heard so of each other. */
async function allBack({ roomCode, clients, ids }) {
  for (const [i, client] of clients.entries()) {
    const state = await back(client);
    assert.equal(state.resumed, true);
    assert.equal(state.roomCode, roomCode);
    assert.equal(client.id, ids[i]);
    assert.equal(client.socket.recovered, true);
    // A client whose server is killed in the middle of an upgrade notices that late.
    await client.on(client.socket.io.opts.transports.at(-1));
  }
  for (const client of clients) {
    // With a Redis the others get it once it is in the log.
    await eventually(
      () => [...viewOf(client).present.keys()].sort().join() === [...ids].sort().join(),
      () => client.story(),
    );
    await client.caughtUp();
    const { away, count } = viewOf(client);
    assert.equal(away.size, 0);
    assert.equal(count, ids.length);
    // Since it is back it has heard of others only that they are back, each once at most.
    const from = client.transcript.findLastIndex(([event]) => event === 'session:joined');
    const heard = client.transcript.slice(from).filter(([event]) => /^session:user-/.test(event));
    assert.ok(heard.every(([event, payload]) => event === 'session:user-joined' && payload.back), client.story());
    const others = heard.map(([, { user }]) => user.id);
    assert.equal(new Set(others).size, others.length, client.story());
  }
}

/** What a server tells one who joins: names in order, the host's name, and the names of those away. */
async function listOf(open, roomCode) {
  const visitor = open(overWebSocket);
  await visitor.until('connect');
  visitor.emit('session:join', { roomCode, name: 'Visitor' });
  const { participants, hostId, away } = await visitor.until('session:joined');
  assert.equal((await visitor.request('session:leave', { roomCode })).ok, true);
  visitor.close();
  const all = [...participants, ...(away ?? [])];
  return {
    names: participants.map(({ name }) => name),
    instruments: participants.map(({ instrument }) => instrument),
    host: all.find(({ id }) => id === hostId).name,
    away: (away ?? []).map(({ name }) => name),
  };
}

const ends = {
  'kill -9': (venue, ...options) => venue.crash(...options),
  SIGTERM: async (venue, ...options) => {
    assert.deepEqual(await venue.server.stop(), { code: 0, signal: null });
    await venue.start(...options);
  },
};

for (const [end, restart] of Object.entries(ends)) {
  describe(`After ${end}`, () => {
    eachCount((threads, options) =>
      restarts(`all are back in their seats, with --threads ${threads}`, options, async ({ venue, open }) => {
        const trio = await session(open, ['Alice', overWebSocket], ['Bob', overPolling], ['Carol', overBoth]);
        const solo = await session(open, ['Dora', overPolling]);
        const pair = await session(open, ['Erin', overWebSocket], ['Finn', overPolling], ['Gina', overWebSocket]);
        const brief = await session(open, ['Hank', overWebSocket]);
        const [, bob] = trio.clients;
        assert.equal((await bob.request('session:update', { name: 'Bobby', instrument: 'drums' })).ok, true);
        // Erin leaves, so that Finn is host; Hank's session is over.
        const [erin] = pair.clients.splice(0, 1);
        pair.ids.shift();
        assert.equal((await erin.request('session:leave', { roomCode: pair.roomCode })).ok, true);
        assert.equal((await brief.clients[0].request('session:leave', { roomCode: brief.roomCode })).ok, true);
        await allWritten(venue.server);
        const gone = [erin, brief.clients[0]];

        for (let round = 0; round < 2; ++round) {
          const former = gone.map(({ id }) => id);
          await restart(venue);
          for (const each of [trio, solo, pair]) await allBack(each);
          for (const [i, client] of gone.entries()) {
            await eventually(() => client.socket.connected && client.id !== former[i], () => client.story());
            await client.caughtUp();
            assert.equal(client.socket.recovered, false);
            assert.equal(viewOf(client).roomCode, null);
          }
        }
        assert.deepEqual(await listOf(open, trio.roomCode), {
          names: ['Alice', 'Bobby', 'Carol', 'Visitor'],
          instruments: ['unknown', 'drums', 'unknown', 'unknown'],
          host: 'Alice',
          away: [],
        });
        assert.deepEqual((await listOf(open, pair.roomCode)).names, ['Finn', 'Gina', 'Visitor']);
        assert.equal((await listOf(open, pair.roomCode)).host, 'Finn');
        const late = await erin.request('session:join', { roomCode: brief.roomCode, name: 'Erin' });
        assert.equal(late.error.code, 'session_not_found');
        // They play on.
        const [alice, , carol] = trio.clients;
        assert.equal((await carol.request('session:event', { type: 'note', data: 1 })).ok, true);
        assert.deepEqual(await alice.until('session:event'), { userId: carol.id, type: 'note', data: 1 });
        assert.deepEqual(await bob.until('session:event'), { userId: carol.id, type: 'note', data: 1 });
      }));

    restarts('all are back, whatever the number of threads is then', [], async ({ venue, open }) => {
      await venue.crash('--threads', '1');
      const all = [];
      for (let i = 0; i < 6; ++i) {
        all.push(await session(open, [`Alice ${i}`, overWebSocket], [`Bob ${i}`, overPolling]));
      }
      for (const threads of ['3', '2', '1', '2']) {
        await restart(venue, '--threads', threads);
        for (const each of all) await allBack(each);
      }
    });

    eachCount((threads, options) =>
      restarts(`a resume token opens the seat, with --threads ${threads}`, options, async ({ venue, open, enter }) => {
        const alice = open(overWebSocket);
        await alice.until('connect');
        alice.emit('session:create', { name: 'Alice' });
        const { roomCode } = await alice.until('session:created');
        const kept = {};
        const page = (reconnection = false) =>
          open(overPolling, { auth: (answer) => answer({ resume: true, ...kept }), reconnection });
        let bob = page();
        await bob.until('connect');
        const { id } = bob;
        bob.emit('session:join', { roomCode, name: 'Bob' });
        kept.resumeToken = (await bob.until('session:joined')).resumeToken;
        await allWritten(venue.server);
        const [formerPid, token] = [bob.socket._pid, kept.resumeToken];
        await restart(venue);
        await bob.until('disconnect');
        bob = page(true);
        const state = await back(bob);
        assert.deepEqual([bob.id, state.resumed, bob.socket.recovered], [id, true, false]);
        assert.notEqual(bob.socket._pid, formerPid);
        kept.resumeToken = state.resumeToken;
        assert.equal(kept.resumeToken, token);
        await back(alice);
        await allWritten(venue.server);

        // The pid that was drawn for the page is in the journal, and the one before is over.
        await restart(venue);
        const again = await back(bob);
        assert.deepEqual([bob.id, again.resumed, bob.socket.recovered], [id, true, true]);
        assert.equal(again.resumeToken, token);
        await back(alice);
        const peer = enter(await RawPeer.open(venue.url, 'websocket'));
        peer.send(`40{"pid":"${formerPid}"}`);
        assert.notEqual(JSON.parse((await peer.next()).slice(2)).sid, id);
        assert.equal(await peer.next(), '42["session:ended",{"reason":"unknown"}]');
        await eventually(() => viewOf(alice).present.has(id), () => alice.story());
        await alice.caughtUp();
        assert.equal(viewOf(alice).count, 2);
      }));

    restarts('a request that comes again with its id is done once', [], async ({ venue, open }) => {
      const alice = open(overWebSocket);
      await alice.until('connect');
      const create = () => alice.request('session:create', { name: 'Alice', requestId: 'create-1' });
      const { roomCode } = await create();
      await restart(venue);
      await back(alice);
      const again = await create();
      assert.equal(again.roomCode, roomCode);
    });

    // The next server cannot know that, and to say nothing would be worse for all others.
    restarts('who was in no session hears that the server knows of none', [], async ({ venue, open }) => {
      const alice = open(overWebSocket);
      await alice.until('connect');
      await restart(venue);
      assert.deepEqual(await alice.until('session:ended'), { reason: 'unknown' });
    });

    restarts('a host who is first back is host, another one is acting', [], async ({ venue, open }) => {
      const alice = open(overWebSocket, { reconnection: false });
      const bob = open(overWebSocket, { reconnection: false });
      const roomCode = await duo(alice, bob);
      const ids = [alice.id, bob.id];
      await restart(venue);
      await Promise.all([alice.until('disconnect'), bob.until('disconnect')]);
      await venue.settled();
      bob.socket.connect();
      const alone = await back(bob);
      assert.deepEqual([alone.roomCode, alone.hostId, alone.away.map(({ id }) => id)], [roomCode, ids[1], [ids[0]]]);
      alice.socket.connect();
      const state = await back(alice);
      assert.equal(state.hostId, ids[0]);
      assert.deepEqual(state.participants.map(({ id }) => id), ids);
      await eventually(() => viewOf(bob).hostId === ids[0], () => bob.story());
      await bob.caughtUp();
      assert.deepEqual(heardOf(bob, ids[0]), ['back']);
    });

    restarts('who was away has the rest of the grace, others a full one', [], async ({ venue, open }) => {
      const [alice, bob, carol] = [0, 1, 2].map(() => open(overWebSocket, { reconnection: false }));
      const roomCode = await duo(alice, bob);
      await carol.until('connect');
      carol.emit('session:join', { roomCode, name: 'Carol' });
      await carol.until('session:joined');
      const ids = [bob.id, carol.id];
      bob.socket.io.engine.close();
      await alice.until('session:user-left');
      await eventually(
        async () => (await alice.request('session:join', { roomCode, name: 'Alice' })).away[0].graceMs < 118_500,
        () => alice.story(),
      );
      await allWritten(venue.server);
      for (let round = 0; round < 2; ++round) {
        await restart(venue);
        await alice.until('disconnect');
        await venue.settled();
        const before = alice.transcript.length;
        alice.socket.connect();
        await eventually(() => alice.heard(before).includes('session:joined'), () => alice.story());
        const [, { away }] = alice.transcript.slice(before).find(([event]) => event === 'session:joined');
        assert.deepEqual(away.map(({ id }) => id), ids);
        const [restOfBob, restOfCarol] = away.map(({ graceMs }) => graceMs);
        assert.ok(restOfBob < restOfCarol, `Bob has ${restOfBob} ms, and Carol ${restOfCarol}`);
      }
    });
  });
}

describe('After a restart', () => {
  restarts('a seat ends when its grace is over', ['--reconnect-grace', '5'], async ({ venue, open }) => {
    const alice = open(overWebSocket);
    const bob = open(overWebSocket, { reconnection: false });
    await duo(alice, bob);
    const { id } = bob;
    await venue.crash();
    await back(alice);
    assert.deepEqual(await alice.until('session:user-gone'), { userId: id, reason: 'expired' });
    bob.socket.connect();
    assert.equal((await bob.until('session:ended')).reason, 'expired');
    assert.notEqual(bob.id, id);
    await allWritten(venue.server);
    await venue.crash();
    const { participants, away } = await back(alice);
    assert.deepEqual([participants.length, away], [1, undefined]);
  });

  restarts('a later tab takes over a seat that is back', [], async ({ venue, open }) => {
    const alice = open(overWebSocket);
    const bob = open(overPolling);
    const roomCode = await duo(alice, bob);
    const { id } = bob;
    const pid = bob.socket._pid;
    await venue.crash();
    await Promise.all([back(alice), back(bob)]);
    const other = open(overWebSocket, { auth: { pid } });
    assert.equal((await other.until('session:joined')).resumed, true);
    assert.deepEqual(await bob.until('session:ended'), { roomCode, reason: 'taken_over' });
    assert.equal(other.id, id);
    await venue.crash();
    await Promise.all([back(alice), back(other)]);
    await eventually(() => viewOf(alice).present.has(id), () => alice.story());
    await alice.caughtUp();
    assert.equal(viewOf(alice).count, 2);
  });

  restarts('a full session is full though all are away', ['--max-participants', '2', '--seat-hold', '3600'], async ({
    venue, open,
  }) => {
    const alice = open(overWebSocket, { reconnection: false });
    const bob = open(overWebSocket, { reconnection: false });
    const roomCode = await duo(alice, bob);
    await venue.crash();
    const carol = open(overWebSocket);
    await carol.until('connect');
    const join = () => carol.request('session:join', { roomCode, name: 'Carol' });
    assert.equal((await join()).error.code, 'session_full');
    for (const client of [alice, bob]) {
      client.socket.connect();
      await client.until('session:joined');
      assert.equal(client.socket.recovered, true);
    }
    assert.equal((await bob.request('session:leave', { roomCode })).ok, true);
    assert.equal((await join()).ok, true);
  });

  restarts('a session of which nobody comes back is over with their graces', ['--reconnect-grace', '1'], async ({
    venue, open,
  }) => {
    const alice = open(overWebSocket, { reconnection: false });
    const bob = open(overWebSocket, { reconnection: false });
    const roomCode = await duo(alice, bob);
    const ids = [alice.id, bob.id];
    await venue.crash();
    for (const id of ids) await venue.server.logged('seat ended', id, 'reason=expired');
    await allWritten(venue.server);
    await venue.crash();
    await venue.server.logged('sessions are kept', 'restored=0');
    const carol = open(overWebSocket);
    await carol.until('connect');
    const { error } = await carol.request('session:join', { roomCode, name: 'Carol' });
    assert.equal(error.code, 'session_not_found');
  });
});

describe('A leave', () => {
  restarts('that was acknowledged in the moment of a kill is none that never was', [], async ({ venue, open }) => {
    for (let i = 0; i < 10; ++i) {
      const { roomCode, clients } = await session(open, ['Alice', overWebSocket]);
      assert.equal((await clients[0].request('session:leave', { roomCode })).ok, true);
      await venue.crash();
      assert.deepEqual(await clients[0].until('session:ended'), { reason: 'unknown' });
      clients[0].close();
    }
  });
});

describe('A leave beside a change of somebody else', () => {
  restarts('that was acknowledged before SIGTERM is one', { args: ['--durability', 'power'] }, async ({
    venue, open,
  }) => {
    const pairs = [];
    for (let i = 0; i < 10; ++i) {
      pairs.push(await session(open, ['Alice', overWebSocket], ['Bob', overWebSocket, { reconnection: false }]));
    }
    const left = pairs.map(({ roomCode, clients: [alice, bob] }) => {
      alice.emit('session:update', { name: 'Alicia' });
      return bob.request('session:leave', { roomCode });
    });
    await Promise.all(left);
    assert.deepEqual(await venue.server.stop(), { code: 0, signal: null });
    await venue.start();
    for (const { clients: [alice] } of pairs) {
      const { participants, away } = await back(alice);
      assert.deepEqual([participants.length, away], [1, undefined], alice.story());
    }
  });
});

describe('SIGTERM with a journal', () => {
  eachCount((threads, more) => {
    const options = [...more, '--drain-timeout', '600000'];
    restarts(`waits for no session, with --threads ${threads}`, options, async ({ venue, open }) => {
      const trio = await session(open, ['Alice', overWebSocket], ['Bob', overPolling], ['Carol', overBoth]);
      const idle = open(overWebSocket);
      await idle.until('connect');
      assert.deepEqual(await venue.server.stop(), { code: 0, signal: null });
      for (const client of [...trio.clients, idle]) {
        const { withinMs, resumes } = await client.until('server:closing');
        assert.deepEqual([withinMs, resumes], [0, true]);
        assert.match(await client.until('disconnect'), /^transport (close|error)$/);
      }
      assert.equal(existsSync(`${venue.file}-wal`), false);
      await venue.start();
      await allBack(trio);
      assert.deepEqual(heardOf(trio.clients[0], trio.ids[1]).slice(0, 1), ['joined']);
    });
  });

  restarts('in the moment of a crowd: who was told is there', ['--max-connects-per-second-by-address', '0'], async ({
    venue, open,
  }) => {
    const crowd = Array.from({ length: 40 }, (_, i) => open(ways[i % 2]));
    for (const client of crowd) client.emit('session:create', { name: 'Host' });
    await eventually(
      () => crowd.filter((client) => client.heard().includes('session:created')).length >= 10,
      () => 'ten sessions',
    );
    assert.deepEqual(await venue.server.stop(), { code: 0, signal: null });
    const told = crowd.filter((client) => client.heard().includes('session:created'));
    const were = told.map((client) => [client, viewOf(client).roomCode]);
    await venue.start();
    for (const [client, roomCode] of were) assert.equal((await client.until('session:joined')).roomCode, roomCode);
  });
});

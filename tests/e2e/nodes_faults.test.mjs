// Nodes that are killed, stopped and put to sleep: their members are back at other nodes.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { allWritten, dropsOf, heardOf, isInTurn, metric } from './support/seats.mjs';
import { hearEachOther, play, playTogether, seeEachOther, session } from './support/stage.mjs';

const [, overWebSocket] = ways;
const names = ['a', 'b', 'c'];

/** Three nodes, and in one session two clients of the first node, and three of each of the others. */
async function bigBand(stage, ...options) {
  const redis = await stage.redis();
  const nodes = await stage.nodes(redis, names, ...options);
  const clients = [[], [], []];
  for (const [i, node] of nodes.entries()) {
    for (const way of i === 0 ? ways.slice(0, 2) : ways) clients[i].push(await stage.player(node, way));
  }
  const all = clients.flat();
  const roomCode = await session(...all);
  return { redis, nodes, clients, all, roomCode };
}

/** Waits until each of these has been told where it is, since these marks. */
async function told(clients, marks) {
  for (const [i, client] of clients.entries()) {
    const joined = () => client.transcript.slice(marks[i]).find(([event]) => event === 'session:joined');
    const [, state] = await eventually(joined, () => `a return\n${client.story()}`);
    assert.equal(state.resumed, true);
  }
}

/** Who has stayed has heard of who came back only that it was away, and is back. */
function expectAwayAndBackOnly(stayed, returned, marks) {
  for (const [i, client] of stayed.entries()) {
    for (const id of returned) {
      const heard = heardOf({ transcript: client.transcript.slice(marks[i]) }, id);
      assert.ok(isInTurn(['joined', ...heard]), `${id}: ${heard}\n${client.story()}`);
      assert.ok(heard.length <= 2, `${id}: ${heard}\n${client.story()}`);
    }
  }
}

const marksOf = (clients) => clients.map(({ transcript }) => transcript.length);

describe('A node is killed', () => {
  for (const threads of ['1', '2']) {
    play(`while everybody plays, with --threads ${threads}: its members are back elsewhere`, async (stage) => {
      const { nodes, clients, all } = await bigBand(stage, '--threads', threads);
      const [lost, ...others] = clients;
      const stayed = others.flat();
      const ids = lost.map(({ id }) => id);
      await allWritten(nodes[0]);
      const before = { lost: marksOf(lost), stayed: marksOf(stayed) };
      let isOver = false;
      const playing = all.map(async (client) => {
        for (let i = 0; !isOver; ++i) {
          if (client.socket.connected) client.emit('session:event', { type: 'load', data: [i, Buffer.alloc(50)] });
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      });
      try {
        await eventually(() => stayed[0].heard(before.stayed[0]).length > 200, () => stayed[0].story());
        lost.forEach(({ line }, i) => line.leadTo(nodes[1 + (i % 2)]));
        await nodes[0].kill();
        await told(lost, before.lost);
      } finally {
        isOver = true;
        await Promise.all(playing);
      }
      assert.deepEqual(lost.map(({ id }) => id), ids);
      await seeEachOther(all);
      expectAwayAndBackOnly(stayed, ids, before.stayed);
      for (const client of stayed) assert.equal(dropsOf(client), 0, client.story());
      await eventually(async () => (await metric(nodes[1], 'downbeat_redis_nodes')) === 2, () => nodes[1].log);
      await seeEachOther(all);
      expectAwayAndBackOnly(stayed, ids, before.stayed);
      // What was played while it died is not kept; all that follows is.
      for (const client of all) await client.caughtUp();
      await eventually(async () => {
        const counts = marksOf(all).join();
        await Promise.all(all.map((client) => client.caughtUp()));
        return marksOf(all).join() === counts;
      }, () => 'the end of what was played');
      await playTogether(all, 5);
    });
  }

  play('and who does not come back is away after the lease, and gone after the grace', async (stage) => {
    const { nodes, clients, roomCode } = await bigBand(stage, '--reconnect-grace', '3');
    const [lost, ...others] = clients;
    const stayed = others.flat();
    await allWritten(nodes[0]);
    lost.forEach((client) => client.close());
    await seeEachOther(stayed);
    // Again, without any word of theirs.
    const ghosts = [];
    for (let i = 0; i < 2; ++i) {
      const ghost = await stage.player(nodes[0], ways[i]);
      assert.equal((await ghost.request('session:join', { roomCode, name: `Ghost ${i}` })).ok, true);
      ghosts.push(ghost);
    }
    await seeEachOther(stayed, [...stayed, ...ghosts]);
    const ghostIds = ghosts.map(({ id }) => id);
    ghosts.forEach(({ line }) => line.unplug());
    await nodes[0].kill();
    for (const client of stayed) {
      for (const id of ghostIds) {
        await eventually(() => heardOf(client, id).length >= 2, () => client.story());
        await eventually(() => heardOf(client, id).length >= 3, () => client.story());
        const [last, ...rest] = heardOf(client, id).reverse();
        assert.equal(last, 'gone: expired');
        assert.equal(rest[0], 'away');
      }
    }
    await seeEachOther(stayed);
    const visitor = await stage.player(nodes[2]);
    const { participants, away, hostId } = await visitor.request('session:join', { roomCode, name: 'Visitor' });
    assert.deepEqual(participants.map(({ id }) => id).sort(), [...stayed, visitor].map(({ id }) => id).sort());
    assert.deepEqual(away ?? [], []);
    assert.ok(stayed.some(({ id }) => id === hostId));
  });

  play('and with it the last one of a session: that is over after the grace', async (stage) => {
    const redis = await stage.redis();
    const nodes = await stage.nodes(redis, names, '--reconnect-grace', '2');
    const alice = await stage.player(nodes[0]);
    await session(alice);
    await allWritten(nodes[0]);
    alice.line.unplug();
    await nodes[0].kill();
    for (const node of nodes.slice(1)) {
      await eventually(async () => (await metric(node, 'downbeat_sessions')) === 0, () => node.log);
    }
    await eventually(async () => (await redis.ask('SCARD', 'downbeat:sessions')) === 0, () => 'an empty Redis');
  });

  play('and starts again under its name: it is another one, and takes clients at once', async (stage) => {
    const { redis, nodes, clients, all } = await bigBand(stage);
    for (let round = 0; round < 3; ++round) {
      const before = marksOf(clients[0]);
      await allWritten(nodes[0]);
      await nodes[0].kill();
      nodes[0] = await stage.node(redis, 'a');
      clients[0].forEach(({ line }) => line.leadTo(nodes[0]));
      await told(clients[0], before);
      await seeEachOther(all);
      await hearEachOther(all);
      await playTogether(all);
    }
  });

  play('right after another: the third one has everybody', async (stage) => {
    const { nodes, clients, all } = await bigBand(stage);
    const moved = [...clients[0], ...clients[1]];
    const ids = moved.map(({ id }) => id);
    const before = marksOf(moved);
    for (const node of nodes.slice(0, 2)) await allWritten(node);
    moved.forEach(({ line }) => line.leadTo(nodes[2]));
    await Promise.all([nodes[0].kill(), nodes[1].kill()]);
    await told(moved, before);
    assert.deepEqual(moved.map(({ id }) => id), ids);
    await seeEachOther(all);
    await playTogether(all);
    await eventually(async () => (await metric(nodes[2], 'downbeat_redis_nodes')) === 1, () => nodes[2].log);
    await seeEachOther(all);
  });
});

describe('A node stops in order', () => {
  // Nobody would wait for a lease of ten minutes.
  const long = ['--redis-lease', '600000'];

  play('and the others have its members at once', async (stage) => {
    const redis = await stage.redis();
    const nodes = await stage.nodes(redis, names, ...long);
    const clients = [];
    for (const node of nodes) clients.push(await stage.player(node));
    const roomCode = await session(...clients);
    const [alice, bob, carol] = clients;
    const { id } = alice;
    const before = marksOf(clients);
    // It does not come back for now.
    alice.socket.io.reconnection(false);
    assert.deepEqual(await nodes[0].stop(), { code: 0, signal: null });
    for (const other of [bob, carol]) {
      assert.deepEqual(await other.until('session:user-left'), { userId: id, away: true, graceMs: 120_000 });
    }
    await alice.until('disconnect');
    alice.line.leadTo(nodes[1]);
    alice.socket.connect();
    await told([alice], before);
    assert.equal(alice.id, id);
    await seeEachOther(clients);
    for (const other of [bob, carol]) assert.deepEqual(heardOf(other, id).slice(-2), ['away', 'back']);
    assert.equal((await alice.request('session:leave', { roomCode })).ok, true);
    await seeEachOther([bob, carol]);
  });

  play('one after the other, as in a deploy: nobody loses a seat', async (stage) => {
    const { redis, nodes, all } = await bigBand(stage);
    const ids = all.map(({ id }) => id);
    for (const [i, name] of names.entries()) {
      const next = nodes[(i + 1) % 3];
      for (const client of all) if (client.line.port === nodes[i].port) client.line.leadTo(next);
      assert.deepEqual(await nodes[i].stop(), { code: 0, signal: null });
      nodes[i] = await stage.node(redis, name);
      await seeEachOther(all);
    }
    assert.deepEqual(all.map(({ id }) => id), ids);
    await playTogether(all);
  });
});

describe('A node sleeps for longer than its lease', () => {
  /** Waits until the others take it for dead. */
  const untilDead = (others) =>
    Promise.all(others.map((node) =>
      eventually(async () => (await metric(node, 'downbeat_redis_nodes')) === others.length, () => node.log)));

  play('and who has waited for it is back when it wakes up', async (stage) => {
    const { nodes, clients, all } = await bigBand(stage);
    const [waiting, ...others] = clients;
    const stayed = others.flat();
    const ids = waiting.map(({ id }) => id);
    const before = marksOf(stayed);
    process.kill(nodes[0].pid, 'SIGSTOP');
    stage.atEnd(() => process.kill(nodes[0].pid, 'SIGCONT'));
    await untilDead(nodes.slice(1));
    for (const client of stayed) {
      for (const id of ids) await eventually(() => heardOf(client, id).at(-1) === 'away', () => client.story());
    }
    await playTogether(stayed);
    process.kill(nodes[0].pid, 'SIGCONT');
    await seeEachOther(stayed, all);
    await seeEachOther(all);
    expectAwayAndBackOnly(stayed, ids, before);
    assert.deepEqual(waiting.map(({ id }) => id), ids);
    await hearEachOther(all);
    await playTogether(all);
    await eventually(async () => (await metric(nodes[1], 'downbeat_redis_nodes')) === 3, () => nodes[1].log);
  });

  play('and who has moved meanwhile stays where it is', async (stage) => {
    const { nodes, clients, all } = await bigBand(stage);
    const [moved, ...others] = clients;
    const stayed = others.flat();
    const ids = moved.map(({ id }) => id);
    const before = { moved: marksOf(moved), stayed: marksOf(stayed) };
    process.kill(nodes[0].pid, 'SIGSTOP');
    stage.atEnd(() => process.kill(nodes[0].pid, 'SIGCONT'));
    moved.forEach(({ line, socket }, i) => {
      line.leadTo(nodes[1 + (i % 2)]);
      // Not the TCP connections: the node that sleeps shall find them open.
      line.holdOpen('down');
      socket.io.engine.close();
    });
    await told(moved, before.moved);
    await untilDead(nodes.slice(1));
    await seeEachOther(all);
    process.kill(nodes[0].pid, 'SIGCONT');
    await eventually(async () => (await metric(nodes[1], 'downbeat_redis_nodes')) === 3, () => nodes[1].log);
    await eventually(async () => (await metric(nodes[0], 'downbeat_redis_nodes')) === 3, () => nodes[0].log);
    await allWritten(nodes[0]);
    const visitor = await stage.player(nodes[0]);
    for (const client of [...all, visitor]) await client.caughtUp();
    await seeEachOther(all);
    expectAwayAndBackOnly(stayed, ids, before.stayed);
    assert.deepEqual(moved.map(({ id }) => id), ids);
    for (const client of moved) {
      assert.equal(dropsOf(client), 1, client.story());
    }
    await hearEachOther(all);
    await playTogether(all);
  });

  play('and what others did meanwhile is true there, too', async (stage) => {
    const { nodes, clients, all, roomCode } = await bigBand(stage);
    const [waiting, [bob, carol], [dora]] = clients;
    process.kill(nodes[0].pid, 'SIGSTOP');
    stage.atEnd(() => process.kill(nodes[0].pid, 'SIGCONT'));
    // Requests that reach it in its sleep.
    const late = waiting.map((one, i) =>
      Promise.race([one.request('session:update', { name: `Sleeper ${i}` }), one.until('disconnect')]));
    assert.equal((await bob.request('session:update', { name: 'Bobby' })).ok, true);
    assert.equal((await carol.request('session:leave', { roomCode })).ok, true);
    const erin = await stage.player(nodes[2], overWebSocket);
    assert.equal((await erin.request('session:join', { roomCode, name: 'Erin' })).ok, true);
    await untilDead(nodes.slice(1));
    process.kill(nodes[0].pid, 'SIGCONT');
    const members = [...all.filter((one) => one !== carol), erin];
    await seeEachOther(members);
    // Refused, or done, or without an answer, as the time for it is over; in any case the same everywhere.
    await Promise.all(late);
    for (const client of members) await client.caughtUp();
    const list = async (client) => {
      const { participants } = await client.request('session:join', { roomCode, name: 'Again' });
      return JSON.stringify(participants.map(({ id, name }) => [id, name]));
    };
    await eventually(async () => {
      const lists = await Promise.all(members.map(list));
      return lists.every((one) => one === lists[0]);
    }, () => dora.story());
    assert.match(await list(waiting[0]), /"Bobby"/);
    await hearEachOther(members);
    await playTogether(members);
  });
});

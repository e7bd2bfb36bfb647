// Nodes whose Redis goes, sleeps, forgets, is replaced by its replica, or cannot be reached by one of them.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { allWritten, dropsOf, heardOf, metric } from './support/seats.mjs';
import { run } from './support/server.mjs';
import { hearEachOther, play, playTogether, seeEachOther, session } from './support/stage.mjs';

const names = ['a', 'b', 'c'];

/** Three nodes, each with a line of its own to Redis, and in one session two clients of each. */
async function bigBand(stage, ...options) {
  const redis = await stage.redis();
  const lines = [];
  const nodes = [];
  for (const name of names) {
    lines.push(await stage.line(redis));
    nodes.push(await stage.node(lines.at(-1), name, options));
  }
  const clients = [];
  for (const [i, node] of nodes.entries()) {
    clients.push([await stage.player(node, ways[i]), await stage.player(node, ways[(i + 1) % 3])]);
  }
  const all = clients.flat();
  const roomCode = await session(...all);
  for (const node of nodes) await allWritten(node);
  return { redis, lines, nodes, clients, all, roomCode };
}

/** Waits until all nodes have Redis again, and each other. */
async function whole(nodes, all) {
  for (const node of nodes) {
    for (const name of ['redis_connected', 'relay_connected']) {
      await eventually(async () => (await metric(node, `downbeat_${name}`)) === 1, () => `${name}\n${node.log}`);
    }
  }
  await hearEachOther(all);
  await seeEachOther(all);
  await playTogether(all, 3);
}

/** What all members and Redis say of a session's list must be the same: ids and names. */
async function agree(redis, nodes, members, roomCode) {
  const list = async (client) => {
    const { participants } = await client.request('session:join', { roomCode, name: 'Again' });
    return participants?.map(({ id, name }) => `${id} ${name}`).join();
  };
  await eventually(async () => {
    const [first, ...others] = await Promise.all(members.map(list));
    return first && others.every((one) => one === first);
  }, () => `one list\n${members.map((one) => one.story()).join('')}`);
  for (const node of nodes) await allWritten(node);
  const { participants } = await members[0].request('session:join', { roomCode, name: 'Again' });
  let stdout;
  await eventually(async () => {
    ({ stdout } = await run('sessions', redis.url));
    return stdout.includes(participants.map(({ name }) => name).join(', '));
  }, () => stdout);
  const check = await run('check', redis.url);
  assert.equal(check.code, 0, check.stdout);
}

async function isRefused(client, event, payload) {
  const { error } = await client.request(event, payload);
  assert.equal(error?.code, 'try_again', client.story());
}

/** While Redis is away: who is at one node plays on, changes are refused, and who leaves has left. */
async function endures({ nodes, clients, roomCode }, visitors) {
  // A request that is under way when Redis is lost has no answer; later ones are refused.
  for (const node of nodes) {
    await eventually(async () => (await metric(node, 'downbeat_redis_connected')) === 0, () => node.log);
  }
  for (const [i, node] of nodes.entries()) {
    assert.equal((await fetch(`${node.url}/healthz`)).status, 200);
    await isRefused(visitors[i], 'session:create', { name: 'Visitor' });
    await isRefused(visitors[i], 'session:join', { roomCode, name: 'Visitor' });
    await playTogether(clients[i]);
  }
  const [, leaver] = clients[2];
  assert.equal((await leaver.request('session:leave', { roomCode })).ok, true);
  await eventually(() => heardOf(clients[2][0], leaver.id).at(-1) === 'left', () => clients[2][0].story());
  for (const client of clients.flat()) assert.equal(dropsOf(client), 0, client.story());
}

describe('Redis is away for a while', () => {
  const ends = {
    'ended, and comes back with everything': {
      begin: (redis) => redis.shutDown(),
      end: (redis) => redis.begin(),
    },
    'killed, and comes back empty': { begin: (redis) => redis.kill(), end: (redis) => redis.begin() },
    asleep: { begin: (redis) => redis.pause(), end: (redis) => redis.resume() },
  };
  for (const [how, { begin, end }] of Object.entries(ends)) {
    play(`${how}: jams go on, and afterwards everything is whole`, async (stage) => {
      const band = await bigBand(stage);
      const { redis, nodes, clients, all, roomCode } = band;
      const visitors = [];
      for (const node of nodes) visitors.push(await stage.player(node));
      await begin(redis);
      await endures(band, visitors);
      await end(redis);
      const [leaver] = clients[2].splice(1);
      const stayed = all.filter((one) => one !== leaver);
      await whole(nodes, stayed);
      await agree(redis, nodes, stayed, roomCode);
      // Nobody has lost a connection, or heard of anybody but the one who left.
      for (const client of stayed) {
        assert.equal(dropsOf(client), 0, client.story());
        for (const { id } of stayed) assert.ok(['', 'joined'].includes(heardOf(client, id).join()), client.story());
        assert.equal(heardOf(client, leaver.lastId ?? '').length, 0);
      }
      for (const visitor of visitors) {
        const join = async () => (await visitor.request('session:join', { roomCode, name: 'Visitor' })).ok;
        await eventually(join, () => visitor.story());
      }
      await seeEachOther([...stayed, ...visitors]);
    });
  }

  play('and who loses the connection meanwhile is back, whichever node that is', async (stage) => {
    const { redis, nodes, clients, all, roomCode } = await bigBand(stage);
    await redis.shutDown();
    for (const node of nodes) {
      await eventually(async () => (await metric(node, 'downbeat_redis_connected')) === 0, () => node.log);
    }
    const [stays, moves] = [clients[0][0], clients[1][0]];
    const ids = [stays.id, moves.id];
    moves.line.leadTo(nodes[2]);
    const marks = [stays, moves].map(({ transcript }) => transcript.length);
    for (const client of [stays, moves]) client.line.cut();
    await eventually(() => [stays, moves].every((client) => dropsOf(client) > 0), () => stays.story());
    await redis.begin();
    for (const [i, client] of [stays, moves].entries()) {
      await eventually(() => client.heard(marks[i]).includes('session:joined'), () => client.story());
      assert.equal(client.id, ids[i]);
    }
    await whole(nodes, all);
    await agree(redis, nodes, all, roomCode);
  });
});

describe('Redis has lost something', () => {
  const losses = {
    'it is emptied': (redis) => redis.ask('FLUSHALL'),
    'it comes back empty': async (redis) => (await redis.kill(), redis.begin()),
  };
  for (const [how, lose] of Object.entries(losses)) {
    play(`as ${how}: the nodes write everything again, whichever has changed it last`, async (stage) => {
      const { redis, nodes, clients, all, roomCode } = await bigBand(stage);
      const solo = await stage.player(nodes[1]);
      await session(solo);
      for (let round = 0; round < 2; ++round) {
        // The other nodes may not have looked yet whether Redis is whole again.
        await eventually(
          async () => (await clients[round][0].request('session:update', { name: `Round ${round}` })).ok,
          () => clients[round][0].story(),
        );
        for (const node of nodes) await allWritten(node);
        await lose(redis);
        await eventually(async () => (await redis.ask('SCARD', 'downbeat:sessions')) === 2, () => 'both sessions');
        await whole(nodes, all);
        await agree(redis, nodes, all, roomCode);
      }
      for (const client of [...all, solo]) assert.equal(dropsOf(client), 0, client.story());
      const repaired = await Promise.all(nodes.map((node) => metric(node, 'downbeat_redis_repaired_rooms_total')));
      assert.ok(repaired.reduce((sum, one) => sum + one) >= 4, repaired.join());
    });
  }

  play('as it is an old copy: what it lacks is written again, and nothing that is over comes back', async (stage) => {
    const { redis, nodes, clients, all, roomCode } = await bigBand(stage);
    const solo = await stage.player(nodes[1]);
    const over = await session(solo);
    await redis.ask('SAVE');
    const [leaver] = clients[2];
    assert.equal((await leaver.request('session:leave', { roomCode })).ok, true);
    assert.equal((await solo.request('session:leave', { roomCode: over })).ok, true);
    const late = await stage.player(nodes[0]);
    assert.equal((await late.request('session:join', { roomCode, name: 'Late' })).ok, true);
    const members = [...all.filter((one) => one !== leaver), late];
    await seeEachOther(members);
    for (const node of nodes) await allWritten(node);
    await redis.kill();
    await redis.begin();
    await whole(nodes, members);
    await eventually(async () => (await redis.ask('SCARD', 'downbeat:sessions')) === 1, () => 'one session');
    await agree(redis, nodes, members, roomCode);
    assert.equal((await solo.request('session:join', { roomCode: over, name: 'Solo' })).error.code, 'session_not_found');
  });

  play('as its replica, which has not got the last writes, takes its place', async (stage) => {
    const { redis, lines, nodes, clients, all, roomCode } = await bigBand(stage);
    const replica = await stage.redis('--replicaof', `127.0.0.1 ${redis.port}`);
    const hasAll = async () => (await replica.ask('GET', 'downbeat:n')) === (await redis.ask('GET', 'downbeat:n'));
    await eventually(hasAll, () => `the replica to have everything\n${replica.log}`);
    // From now on it gets nothing.
    replica.pause();
    const [leaver] = clients[2];
    assert.equal((await leaver.request('session:leave', { roomCode })).ok, true);
    assert.equal((await clients[1][0].request('session:update', { name: 'Bobby' })).ok, true);
    const late = await stage.player(nodes[0]);
    assert.equal((await late.request('session:join', { roomCode, name: 'Late' })).ok, true);
    const solo = await stage.player(nodes[1]);
    const created = await session(solo);
    const members = [...all.filter((one) => one !== leaver), late];
    await seeEachOther(members);
    for (const node of nodes) await allWritten(node);
    await redis.kill();
    replica.resume();
    await replica.ask('REPLICAOF', 'NO', 'ONE');
    for (const line of lines) {
      line.leadTo(replica);
      line.cut();
    }
    await whole(nodes, members);
    await agree(replica, nodes, members, roomCode);
    for (const client of [...members, solo]) assert.equal(dropsOf(client), 0, client.story());
    const visitor = await stage.player(nodes[2]);
    const { participants } = await visitor.request('session:join', { roomCode: created, name: 'Visitor' });
    assert.equal(participants.length, 2);
  });

  play('while another one is started: it gets what the others know', async (stage) => {
    const { redis, nodes, all, roomCode } = await bigBand(stage);
    await redis.kill();
    const starting = stage.node(redis, 'd', ['--wait-for-data', '60']);
    starting.catch(() => {});
    await redis.begin();
    const late = await stage.player(await starting);
    const join = async () => (await late.request('session:join', { roomCode, name: 'Late' })).ok;
    await eventually(join, () => late.story());
    await whole(nodes, [...all, late]);
    await agree(redis, nodes, [...all, late], roomCode);
  });
});

describe('One node is cut off from Redis', () => {
  play('while the others go on: what they did is true there afterwards', async (stage) => {
    const { redis, lines, nodes, clients, all, roomCode } = await bigBand(stage);
    const [cut, ...others] = clients;
    const visitor = await stage.player(nodes[0]);
    lines[0].unplug();
    await eventually(async () => (await metric(nodes[0], 'downbeat_redis_connected')) === 0, () => nodes[0].log);
    await playTogether(cut);
    await isRefused(visitor, 'session:join', { roomCode, name: 'Visitor' });
    const late = await stage.player(nodes[1]);
    assert.equal((await late.request('session:join', { roomCode, name: 'Late' })).ok, true);
    assert.equal((await others[0][0].request('session:update', { name: 'Bobby' })).ok, true);
    const leaver = others[1][0];
    assert.equal((await leaver.request('session:leave', { roomCode })).ok, true);
    // Who leaves there has left there, and the others hear it later.
    const early = cut[1];
    assert.equal((await early.request('session:leave', { roomCode })).ok, true);
    for (const node of nodes.slice(1)) {
      await eventually(async () => (await metric(node, 'downbeat_redis_nodes')) === 2, () => node.log);
    }
    // For the others its members are away now.
    await eventually(() => heardOf(others[0][0], cut[0].id).at(-1) === 'away', () => others[0][0].story());
    lines[0].plugIn();
    const members = [...all.filter((one) => one !== leaver && one !== early), late];
    await whole(nodes, members);
    await agree(redis, nodes, members, roomCode);
    for (const client of members) assert.equal(dropsOf(client), 0, client.story());
  });

  play('and its members go to another one, and it is back: they stay there', async (stage) => {
    const { redis, lines, nodes, clients, all, roomCode } = await bigBand(stage);
    const [cut] = clients;
    const ids = cut.map(({ id }) => id);
    lines[0].unplug();
    await eventually(async () => (await metric(nodes[0], 'downbeat_redis_connected')) === 0, () => nodes[0].log);
    const marks = cut.map(({ transcript }) => transcript.length);
    for (const [i, client] of cut.entries()) {
      client.line.leadTo(nodes[1 + i]);
      // The node does not notice.
      client.line.holdOpen('up');
      client.socket.io.engine.close();
    }
    for (const [i, client] of cut.entries()) {
      await eventually(() => client.heard(marks[i]).includes('session:joined'), () => client.story());
      assert.equal(client.id, ids[i]);
    }
    await seeEachOther(all);
    lines[0].plugIn();
    await eventually(async () => (await metric(nodes[0], 'downbeat_redis_nodes')) === 3, () => nodes[0].log);
    await whole(nodes, all);
    await agree(redis, nodes, all, roomCode);
    for (const client of cut) assert.equal(dropsOf(client), 1, client.story());
  });

  play('and has a session of its own, which another node makes an end to meanwhile', async (stage) => {
    const { redis, lines, nodes } = await bigBand(stage, '--reconnect-grace', '1');
    const solo = await stage.player(nodes[0]);
    const code = await session(solo);
    await allWritten(nodes[0]);
    lines[0].unplug();
    // Away after the lease, and gone after the grace: the session is over.
    for (const node of nodes.slice(1)) {
      await eventually(async () => (await metric(node, 'downbeat_sessions')) === 1, () => node.log);
    }
    await eventually(async () => (await redis.ask('EXISTS', `downbeat:room:${code}`)) === 0, () => nodes[1].log);
    lines[0].plugIn();
    await eventually(async () => (await metric(nodes[0], 'downbeat_redis_nodes')) === 3, () => nodes[0].log);
    // Its client is told so, or is still in it; in any case all say the same.
    await solo.caughtUp();
    await allWritten(nodes[0]);
    const visitor = await stage.player(nodes[1]);
    await eventually(async () => {
      const isIn = (await solo.request('session:event', { type: 'note' })).ok;
      const isThere = (await redis.ask('EXISTS', `downbeat:room:${code}`)) === 1;
      return isIn === isThere;
    }, () => solo.story());
    const isThere = (await redis.ask('EXISTS', `downbeat:room:${code}`)) === 1;
    assert.equal((await visitor.request('session:join', { roomCode: code, name: 'Visitor' })).ok, isThere);
    if (!isThere) assert.ok(solo.heard().includes('session:ended'), solo.story());
  });
});

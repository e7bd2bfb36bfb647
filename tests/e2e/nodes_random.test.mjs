// Three nodes and their Redis have faults at random moments, while everybody creates, joins, leaves, changes names and
// plays. Only with DOWNBEAT_KILLS=30, or another number of faults, because each takes some seconds.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { freePort } from './support/ports.mjs';
import { random } from './support/random.mjs';
import { metric } from './support/seats.mjs';
import { run } from './support/server.mjs';
import { hearEachOther, play } from './support/stage.mjs';
import { Musician } from './support/troupe.mjs';
import { viewOf } from './support/venue.mjs';

const isAskedFor = process.env.DOWNBEAT_KILLS !== undefined;
const faultsInAll = Number(process.env.DOWNBEAT_KILLS ?? 0);
const names = ['a', 'b', 'c'];

/** What may happen to nodes and clients, and to Redis. */
const ofNodes = {
  'a node is killed': async ({ nodes, restart }, chance) => {
    const i = chance.below(3);
    await nodes[i].kill();
    await chance.pause(1_000);
    await restart(i);
  },
  'a node stops in order': async ({ nodes, restart }, chance) => {
    const i = chance.below(3);
    await nodes[i].stop();
    await restart(i);
  },
  'a node sleeps': async ({ nodes }, chance) => {
    const { pid } = nodes[chance.below(3)];
    process.kill(pid, 'SIGSTOP');
    await chance.pause(4_000);
    process.kill(pid, 'SIGCONT');
  },
  'a node is cut off from Redis': async ({ lines }, chance) => {
    const line = lines[chance.below(3)];
    line.unplug();
    await chance.pause(4_000);
    line.plugIn();
  },
  'everybody goes to another node': async ({ nodes, musicians }, chance) => {
    for (const { client } of musicians) {
      client.line.leadTo(nodes[chance.below(3)]);
      client.line.cut();
    }
  },
};
const ofRedis = {
  'Redis sleeps': async ({ redis }, chance) => {
    redis.pause();
    await chance.pause(2_000);
    redis.resume();
  },
  'Redis is killed, and comes back as it was': async ({ redis }, chance) => {
    await redis.shutDown();
    await chance.pause(1_000);
    await redis.begin();
  },
  'Redis comes back empty': async ({ redis }, chance) => {
    await redis.kill();
    redis.forget();
    await chance.pause(1_000);
    await redis.begin();
  },
  'Redis is emptied': ({ redis }) => redis.ask('FLUSHALL'),
};

const faults = { ...ofNodes, ...ofRedis };
const losses = ['Redis comes back empty', 'Redis is emptied'];

/** Waits until all nodes know each other, and owe nothing. */
async function whole({ nodes }) {
  for (const node of nodes) {
    for (const [name, value] of [['redis_nodes', 3], ['relay_connected', 1], ['journal_owed_events', 0]]) {
      await eventually(
        async () => (await metric(node, `downbeat_${name}`)) === value,
        () => `${name} ${value}\n${node.log.slice(-3_000)}`,
      );
    }
  }
}

/** What is wrong with what everybody shows; each request has been answered, and nobody does anything. */
async function disagreements({ musicians, redis }) {
  for (let i = 0; i < 2; ++i) await Promise.all(musicians.map(({ client }) => client.caughtUp()));
  const found = [];
  const rooms = new Map();
  for (const one of musicians) {
    const { client, title } = one;
    const view = viewOf(client);
    if (view.roomCode === null) continue;
    if (!view.present.has(client.id)) found.push(`${title} does not show itself in ${view.roomCode}`);
    rooms.set(view.roomCode, [...(rooms.get(view.roomCode) ?? []), { one, title, client, view }]);
  }
  for (const [code, members] of rooms) {
    const ids = members.map(({ client }) => client.id).sort().join();
    for (const { title, view } of members) {
      const shown = [...view.present.keys()].sort().join();
      if (shown !== ids) found.push(`${title} shows ${shown} in ${code}, not ${ids}`);
      if (view.away.size > 0) found.push(`${title} shows ${[...view.away.keys()]} as away in ${code}`);
      if (view.count !== members.length) found.push(`${title} counts ${view.count} in ${code}, not ${members.length}`);
    }
  }
  const { stdout } = await run('sessions', redis.url);
  const listed = stdout.split('\n').slice(0, -2).map((line) => line.split(' ')[0]).sort().join();
  const expected = [...rooms.keys()].sort().join();
  if (listed !== expected) found.push(`Redis has ${listed}, not ${expected}`);
  for (const [code, members] of rooms) {
    const line = stdout.split('\n').find((one) => one.startsWith(`${code} `)) ?? '';
    for (const member of members) {
      // A client is not told how it is called itself.
      const list = line.replace(/^.*?: /, '').split(', ');
      for (const [id, name] of member.view.present) {
        if (id === member.client.id) continue;
        if (!list.includes(name)) found.push(`${member.title} shows ${name} in ${code}, and Redis has ${line}`);
        else list.splice(list.indexOf(name), 1);
      }
      if (list.length !== 1) found.push(`${member.title} lacks ${list} of ${line}`);
      [member.name] = list;
    }
  }
  const check = await run('check', redis.url);
  if (check.code !== 0) found.push(check.stdout);
  return { found, rooms };
}

describe('Everything happens at once', { skip: !isAskedFor }, () => {
  for (const threads of ['1', '2']) {
    play(`to three nodes with --threads ${threads}, and afterwards all say the same`, async (stage) => {
      const chance = random(`nodes ${threads}`);
      const redis = await stage.redis();
      const lines = [];
      const nodes = [];
      const ports = [await freePort(), await freePort(), await freePort()];
      const begin = async (i) => {
        nodes[i] = await stage.node(lines[i], names[i], ['--threads', threads, '--wait-for-data', '60'], ports[i]);
      };
      for (const i of names.keys()) {
        lines.push(await stage.line(redis));
        await begin(i);
      }
      const musicians = [];
      for (let i = 0; i < 12; ++i) {
        musicians.push(new Musician(await stage.player(nodes[i % 3], ways[i % 3], { timeout: 2_000 }), `M${i}`));
      }
      const where = { redis, lines, nodes, musicians, restart: begin };
      // Whoever cannot reach a node tries another one.
      for (const { client } of musicians) {
        client.socket.io.on('reconnect_attempt', () => client.line.leadTo(nodes[chance.below(3)]));
      }
      const counts = {};
      const codes = () => [...new Set(musicians.map(({ roomCode }) => roomCode).filter((code) => code))];
      const kinds = Object.keys(faults);
      for (let i = 0; i < faultsInAll; ++i) {
        let isOver = false;
        const playing = musicians.map(async (one) => {
          while (!isOver) {
            await one.play(chance, codes, () => isOver);
            await chance.pause(100);
          }
        });
        await chance.pause(200);
        const happening = [kinds[i % kinds.length]];
        // Sometimes something else at the same time.
        const others = Object.keys(happening[0] in ofNodes ? ofRedis : ofNodes);
        if (chance.below(3) === 0) happening.push(others[chance.below(others.length)]);
        await Promise.all(happening.map((kind) => faults[kind](where, chance)));
        await chance.pause(300);
        isOver = true;
        await Promise.all(playing);
        for (const kind of happening) counts[kind] = (counts[kind] ?? 0) + 1;
        await whole(where);
        await eventually(
          () => musicians.every(({ client }) => client.socket.connected),
          () => `all clients to be back after ${happening}\n${musicians.map(({ client }) => client.story()).join('')}`,
          60_000,
        );
        let last;
        await eventually(
          async () => (last = await disagreements(where)).found.length === 0,
          () => `everybody to say the same after fault ${i + 1}, ${happening.join(' and ')}:\n${last.found.join('\n')}`,
        );
        // Together with another fault, a loss of Redis may be one of the sessions.
        const mayBeLost = happening.length > 1 && happening.some((kind) => losses.includes(kind));
        for (const one of musicians) {
          const { roomCode } = viewOf(one.client);
          const member = last.rooms.get(roomCode)?.find(({ client }) => client === one.client);
          if (one.pending === null && !one.isUncertain && !mayBeLost) {
            const now = [roomCode, member?.name];
            const acknowledged = [one.roomCode, one.roomCode === null ? undefined : one.name];
            assert.deepEqual(now, acknowledged, `${one.title} after ${happening}\n${one.client.story()}`);
          }
          one.settle(roomCode);
          one.name = member?.name ?? '';
        }
        for (const members of last.rooms.values()) await hearEachOther(members.map(({ client }) => client));
      }
      console.log(`--threads ${threads}: ${JSON.stringify(counts)}`);
    });
  }
});

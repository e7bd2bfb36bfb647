// Three nodes on one Redis behind nginx and HAProxy, set up as docs/cluster.md says: any client at any node, and
// whatever happens to one node, everybody is in the own seat at another one.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { band } from '../e2e/scenarios/band.mjs';
import { connect, ways } from '../e2e/support/client.mjs';
import { eventually } from '../e2e/support/patience.mjs';
import { httpRequest } from '../e2e/support/raw.mjs';
import { Redis, shortLease } from '../e2e/support/redis.mjs';
import { allWritten } from '../e2e/support/seats.mjs';
import { Server } from '../e2e/support/server.mjs';
import { hearEachOther, seeEachOther } from '../e2e/support/stage.mjs';
import { cleanly, enter, trusting } from './support/clients.mjs';
import { kinds, Proxy } from './support/proxy.mjs';

const names = ['a', 'b', 'c'];
const [, overWebSocket] = ways;

// nginx does not notice a process that hangs: its clients do, by the pings.
const pings = ['--ping-interval', '2000', '--ping-timeout', '3000'];

/** A Redis, three nodes, and this proxy in front of them. */
async function stage(kind, open, ...options) {
  const redis = await Redis.start();
  const nodes = {};
  try {
    for (const name of names) {
      const own = ['--node', name, '--redis', redis.url, ...shortLease, ...trusting, '--no-limits'];
      nodes[name] = await open(Server.start(...own, ...options));
    }
  } finally {
    // It ends after them.
    await open({ stop: () => redis.close() });
  }
  const ports = names.map((name) => nodes[name].port);
  const proxy = await open(Proxy.start(kind, ports));
  return { nodes, proxy };
}

/** The name of the node that a client is connected to. */
const nodeOf = (client) => client.socket.io.engine.id.split('_')[0];

/** One session whose members come in all ways, three of each, and are spread over the nodes. */
async function fullBand(open, proxy) {
  let entered = 0;
  const roles = [...ways, ...ways, ...ways];
  const join = () => open(enter(proxy, roles[entered++], { timeout: 2_000 }));
  const { roomCode, members } = await band(join, ...roles.map((_, i) => `Member ${i}`));
  assert.deepEqual([...new Set(members.map(nodeOf))].sort(), names, 'the nodes that have clients');
  return { roomCode, members };
}

/** Each of them plays a note, and all others hear it, once. */
async function playTogether(members) {
  const marks = members.map(({ transcript }) => transcript.length);
  for (const [i, member] of members.entries()) {
    assert.equal((await member.request('session:event', { type: 'note', data: i })).ok, true);
  }
  for (const [i, member] of members.entries()) {
    const notes = () =>
      member.transcript.slice(marks[i]).flatMap(([event, note]) => (event === 'session:event' ? [note] : []));
    await eventually(() => notes().length >= members.length - 1, () => `all notes\n${member.story()}`);
    const heard = notes().map(({ userId, data }) => `${data} of ${userId}`);
    const played = members.flatMap(({ id }, from) => (from === i ? [] : [`${from} of ${id}`]));
    assert.deepEqual(heard.sort(), played.sort());
  }
}

/**
 * What happens to this node: its clients are back in their own seats at other nodes, and the others keep their
 * connections. All of them see all of them.
 */
async function outlive(name, { roomCode, members }, happens) {
  for (const member of members) await member.caughtUp();
  const before = members.map((member) => ({ id: member.id, at: member.transcript.length, node: nodeOf(member) }));
  await happens();
  for (const [i, member] of members.entries()) {
    const { id, at, node } = before[i];
    const since = () => member.transcript.slice(at);
    if (node === name) {
      const joined = () => since().find(([event]) => event === 'session:joined');
      const [, state] = await eventually(joined, () => `a return\n${member.story()}`);
      assert.deepEqual([state.resumed, state.roomCode], [true, roomCode]);
      assert.notEqual(nodeOf(member), name);
    }
    assert.equal(member.id, id, member.story());
  }
  for (const [i, member] of members.entries()) {
    if (before[i].node !== name) assert.ok(!member.heard(before[i].at).includes('disconnect'), member.story());
  }
  const everybody = before.map(({ id }) => id).sort();
  for (const member of members) {
    const present = async () => {
      const { participants } = await member.request('session:join', { roomCode, name: 'Again' });
      return participants.map(({ id }) => id).sort();
    };
    await eventually(async () => `${await present()}` === `${everybody}`, () => `all members\n${member.story()}`);
  }
  await playTogether(members);
}

for (const kind of kinds) {
  describe(`${kind.name} in front of three nodes`, () => {
    it('Members at different nodes, in every way, play together, and polls find their node', () =>
      cleanly(async (open) => {
        const { proxy } = await stage(kind, open);
        const { members } = await fullBand(open, proxy);
        const at = members.map(nodeOf);
        await playTogether(members);
        for (let i = 0; i < 5; ++i) await Promise.all(members.map((member) => member.caughtUp()));
        assert.deepEqual(members.map(nodeOf), at);
        for (const member of members) assert.ok(!member.heard().includes('disconnect'), member.story());
      }));

    it('A node is killed: its clients are in their own seats at the others', () =>
      cleanly(async (open) => {
        const { nodes, proxy } = await stage(kind, open);
        const whole = await fullBand(open, proxy);
        await allWritten(nodes.a);
        await outlive('a', whole, () => nodes.a.kill());
        const url = `http://127.0.0.1:${proxy.port}/socket.io/?EIO=4&transport=polling&sid=a_AAAAAAAAAAAAAAAAAAAA`;
        const { status, body } = await httpRequest(url, { headers: { Host: new URL(proxy.url).host } });
        assert.deepEqual([status, JSON.parse(body).message], [400, 'Session ID unknown']);
      }));

    it('A node ends in order: its clients are in their own seats at the others', () =>
      cleanly(async (open) => {
        const { nodes, proxy } = await stage(kind, open);
        const whole = await fullBand(open, proxy);
        await outlive('b', whole, async () => assert.deepEqual(await nodes.b.stop(), { code: 0, signal: null }));
      }));

    it('A node hangs: its clients are in their own seats at the others, and it goes on when it wakes up', () =>
      cleanly(async (open) => {
        const { nodes, proxy } = await stage(kind, open, ...pings);
        const whole = await fullBand(open, proxy);
        await allWritten(nodes.c);
        const { pid } = nodes.c;
        try {
          await outlive('c', whole, () => process.kill(pid, 'SIGSTOP'));
        } finally {
          process.kill(pid, 'SIGCONT');
        }
        const late = await open(connect(nodes.c.url, overWebSocket));
        assert.equal(nodeOf(late), 'c');
        await eventually(
          async () => (await late.request('session:join', { roomCode: whole.roomCode, name: 'Late' })).ok,
          () => `the session\n${late.story()}`,
        );
        await seeEachOther([...whole.members, late]);
        await hearEachOther([...whole.members, late]);
        await playTogether([...whole.members, late]);
      }));
  });
}

// A Redis, the nodes that share it, and clients at any of them, all of which end with their test.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { io } from 'socket.io-client';

import { Client, ways } from './client.mjs';
import { Line } from './line.mjs';
import { eventually } from './patience.mjs';
import { Redis, shortLease } from './redis.mjs';
import { metric, soon } from './seats.mjs';
import { Server } from './server.mjs';
import { viewOf } from './venue.mjs';

const [, overWebSocket] = ways;

class Stage {
  #ends = [];
  clients = [];
  servers = [];

  async redis(...options) {
    const redis = await Redis.start(...options);
    this.#ends.push(() => redis.close());
    return redis;
  }

  /** A node of this Redis, or of another thing with its URL. */
  async server(redis, ...options) {
    const server = await Server.start('--redis', redis.url, '--no-limits', ...options);
    return this.#entered(server);
  }

  /** A node of this name, on this port if it is given. */
  async node(redis, name, options = [], port = 0) {
    const own = ['--redis', redis.url, '--node', name, '--drain-timeout', '0'];
    if (!options.includes('--redis-lease')) own.push(...shortLease);
    if (!options.some((one) => one.startsWith('--max-'))) own.push('--no-limits');
    const node = this.#entered(await Server.startOn(port, ...own, ...options));
    // Notes for another node are dropped until then.
    await eventually(async () => (await metric(node, 'downbeat_relay_connected')) === 1, () => node.log);
    return node;
  }

  /** Nodes with these names. They begin one after the other. */
  async nodes(redis, names, ...options) {
    const nodes = [];
    for (const name of names) nodes.push(await this.node(redis, name, options));
    return nodes;
  }

  #entered(server) {
    this.servers.push(server);
    this.#ends.push(() => server.kill());
    return server;
  }

  /** A line to a server, or to a Redis. */
  async line(to) {
    const line = await Line.to({ scheme: 'redis', port: to.port, ...(to.scheme && { scheme: to.scheme }) });
    this.#ends.push(() => line.close());
    return line;
  }

  open(url, way = overWebSocket, options = {}) {
    return this.enter(new Client(io(url, { ...way.options, ...soon, forceNew: true, ...options })));
  }

  /** A client with a `line` of its own, which leads to this node. */
  async player(node, way = overWebSocket, options = {}) {
    const line = await this.line(node);
    const client = this.open(line.url, way, options);
    client.line = line;
    await client.until('connect');
    return client;
  }

  enter(client) {
    this.clients.push(client);
    this.#ends.push(() => client.close());
    return client;
  }

  async folder() {
    const folder = await mkdtemp(join(tmpdir(), 'downbeat-redis-test-'));
    this.#ends.push(() => rm(folder, { recursive: true, force: true }));
    return folder;
  }

  /** Ends with the test, before what has been opened earlier. */
  atEnd(end) {
    this.#ends.push(end);
  }

  async end() {
    for (const end of this.#ends.reverse()) await end();
  }

  get stories() {
    const logs = this.servers.map(({ pid, log }) => `--- the process ${pid}\n${log.split('\n').slice(-40).join('\n')}`);
    return [...this.clients.slice(0, 12).map((client) => (client.transcript ? tale(client) : '')), ...logs].join('');
  }
}

/** A test with a stage of its own. If it fails, it says what its clients heard and what its servers printed. */
export function play(title, scene) {
  it(title, async () => {
    const stage = new Stage();
    try {
      await scene(stage);
    } catch (error) {
      console.error(`--- ${title}\n${stage.stories}`);
      throw error;
    } finally {
      await stage.end();
    }
  });
}

/** What a client has heard but what was played, for people who look for the cause of a failure. */
function tale(client) {
  const entries = client.transcript.filter(([event]) => event !== 'session:event').slice(-30);
  return [`client ${client.id} heard, beside notes:`, ...entries.map((one) => `  ${JSON.stringify(one).slice(0, 400)}`), ''].join('\n');
}

/** Who is present, as this client shows it: ids in order. */
const shown = (client) => [...viewOf(client).present.keys()].sort().join();

/** Waits until each of these clients shows exactly these as present, by default each other, and nobody as away. */
export async function seeEachOther(clients, members = clients) {
  for (const client of clients) {
    const isSo = () => shown(client) === members.map(({ id }) => id).sort().join() && viewOf(client).away.size === 0;
    await eventually(isSo, () =>
      `${members.map(({ id }) => id)} to be shown, not ${shown(client)}, and ${[...viewOf(client).away.keys()]} as away\n${tale(client)}`);
    assert.equal(viewOf(client).count, members.length, client.story());
  }
}

/**
 * Whatever happens to their server: members of one session are back in their own seats afterwards. Nobody else may
 * be in it.
 */
export async function comeBack(clients, happens) {
  const before = clients.map((client) => ({ id: client.id, length: client.transcript.length }));
  await happens();
  for (const [i, client] of clients.entries()) {
    const { id, length } = before[i];
    const joined = () => client.transcript.slice(length).find(([event]) => event === 'session:joined');
    const [, state] = await eventually(joined, () => `a return\n${client.story()}`);
    assert.equal(state.resumed, true);
    await eventually(() => client.id === id, () => client.story());
  }
  await seeEachOther(clients);
}

let notes = 0;

/** Each of these plays a note, and each of the others hears it, once; those of each one in their order. */
export async function playTogether(clients, rounds = 1) {
  const marks = clients.map(({ transcript }) => transcript.length);
  const played = clients.map(() => []);
  for (let round = 0; round < rounds; ++round) {
    for (const [i, client] of clients.entries()) {
      const data = { note: ++notes, wave: Buffer.from([round, i, 255]) };
      client.emit('session:event', { type: 'note', data });
      played[i].push(data);
    }
  }
  for (const [i, client] of clients.entries()) {
    const heard = () =>
      client.transcript.slice(marks[i]).flatMap(([event, note]) => (event === 'session:event' ? [note] : []));
    const expected = (clients.length - 1) * rounds;
    await eventually(
      () => heard().length >= expected,
      () => `${expected} notes, not ${heard().length}\n${client.story()}`,
    );
    for (const [from, other] of clients.entries()) {
      const its = heard().flatMap(({ userId, data }) => (userId === other.id ? [data] : []));
      assert.deepEqual(its, from === i ? [] : played[from], client.story());
    }
  }
}

/**
 * Waits until each of these hears all others again. Notes do not wait for a connection between nodes, so that those
 * which are played while it is made are lost; after this nothing is.
 */
export async function hearEachOther(clients) {
  const first = notes + 1;
  const isHeard = (client, other, note) =>
    client.transcript.some(([event, one]) =>
      event === 'session:event' && one.userId === other.id && one.type === 'probe' && one.data === note);
  const isHeardByAll = (note) =>
    clients.every((client) => clients.every((other) => other === client || isHeard(client, other, note)));
  await eventually(
    () => {
      for (let note = first; note <= notes; ++note) if (isHeardByAll(note)) return true;
      ++notes;
      for (const client of clients) client.emit('session:event', { type: 'probe', data: notes });
      return false;
    },
    () => `each of these to hear all others\n${clients.map((client) => client.story()).join('')}`,
  );
  // Later ones may still be on their way.
  await eventually(() => isHeardByAll(notes), () => `the last probe\n${clients[0].story()}`);
}

/** The members of a new session, the first of whom creates it; all of them have connected. They see each other. */
export async function session(...clients) {
  let roomCode;
  for (const [i, client] of clients.entries()) {
    const request = i === 0 ? 'session:create' : 'session:join';
    const ask = () => client.request(request, { name: `Member ${i}`, ...(roomCode && { roomCode }) });
    let answer = await ask();
    // It may come to another node later than that node waits for it.
    await eventually(
      async () => answer.error?.code !== 'session_not_found' || (answer = await ask()).ok,
      () => `the session\n${client.story()}`,
    );
    assert.equal(answer.ok, true, `${JSON.stringify(answer)}\n${client.story()}`);
    roomCode = answer.roomCode;
  }
  await seeEachOther(clients);
  return roomCode;
}

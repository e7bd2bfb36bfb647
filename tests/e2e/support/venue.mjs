// A server that keeps its sessions, and is killed and started again, always on the same port. They are on disk,
// or with DOWNBEAT_JOURNAL=redis in a Redis.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { io } from 'socket.io-client';

import { Client } from './client.mjs';
import { eventually } from './patience.mjs';
import { freePort } from './ports.mjs';
import { Redis, shortLease } from './redis.mjs';
import { allWritten, metric, soon } from './seats.mjs';
import { Server } from './server.mjs';
import { isTls } from './tls.mjs';

export class Venue {
  /** The process that runs now, or ran last. */
  server;
  #earlier = '';
  #fail;
  /** Rejects if a process ends although nobody has asked it to. */
  death = new Promise((_, reject) => (this.#fail = reject));

  /** Has a folder of its own. `options` are those of every process; `journal` may be 'redis'. */
  static async open(options, journal = process.env.DOWNBEAT_JOURNAL) {
    const venue = new Venue();
    venue.death.catch(() => {});
    venue.options = options;
    venue.base = await mkdtemp(join(tmpdir(), 'downbeat-venue-'));
    if (journal === 'redis') venue.redis = await Redis.start();
    venue.folder = join(venue.base, 'data');
    venue.file = join(venue.folder, 'sessions.db');
    venue.port = await freePort();
    venue.url = `${isTls ? 'https' : 'http'}://127.0.0.1:${venue.port}`;
    return venue;
  }

  /** The arguments of a process of this venue. */
  arguments(...more) {
    // A process that was killed is waited for until its lease is over.
    const journal = this.redis ? ['--redis', this.redis.url, ...shortLease] : ['--data', this.folder];
    let all = [...journal, ...this.options, ...more];
    // What Redis keeps is decided by Redis.
    if (this.redis) all = all.filter((one, i) => one !== '--durability' && all[i - 1] !== '--durability');
    return all.includes('--reconnect-grace') ? all : [...all, '--reconnect-grace', '120'];
  }

  /** Starts a process with these options besides, and waits until it is ready. */
  async start(...more) {
    this.#earlier = this.log;
    this.server = undefined;
    const server = await Server.startOn(this.port, ...this.arguments(...more));
    server.death.catch((error) => this.#fail(error));
    this.server = server;
    return server;
  }

  /** Waits until an earlier process counts as dead, so that what it has left half done is put in order. */
  async settled() {
    if (!this.redis) return;
    await eventually(async () => (await metric(this.server, 'downbeat_redis_nodes')) === 1, () => this.log);
    await allWritten(this.server);
  }

  /** As kill -9 and a new start. */
  async crash(...more) {
    await this.server.kill();
    return this.start(...more);
  }

  /** What all processes have printed. */
  get log() {
    return this.#earlier + (this.server ? `--- the process ${this.server.pid}\n${this.server.log}` : '');
  }

  /** A stock client that begins to connect, and connects again without a pause. */
  client(way, options = {}) {
    return new Client(io(this.url, { ...way.options, ...soon, forceNew: true, ...options }));
  }

  async close() {
    await this.server?.kill();
    await this.redis?.close();
    await rm(this.base, { recursive: true, force: true });
  }
}

/**
 * A test of a venue whose server has been started with these options. If they are no list, they are those of
 * `it`, with the server's as `args`, and perhaps a `journal`. A scene gets `venue`, `open(way, options)`, which opens a
 * stock client, and `enter(…)` for other clients. If it fails, it says what its clients heard and what
 * the processes printed.
 */
export function restarts(title, options, scene) {
  const { args = [], journal, ...about } = Array.isArray(options) ? { args: options } : options;
  it(title, about, async () => {
    const venue = await Venue.open(args, journal);
    const clients = [];
    const enter = (client) => {
      clients.push(client);
      return client;
    };
    try {
      await venue.start();
      await Promise.race([scene({ venue, enter, open: (...how) => enter(venue.client(...how)) }), venue.death]);
    } catch (error) {
      const stories = clients.slice(0, 12).map((client) => client.story?.() ?? '');
      console.error(`--- ${title}\n${stories.join('')}${venue.log.split('\n').slice(-80).join('\n')}---`);
      throw error;
    } finally {
      clients.forEach((client) => client.close());
      await venue.close();
    }
  });
}

/**
 * What a client has been told: the code of its room, who is present, as name by id in their order, and who is away,
 * too. Without a room the code is null.
 */
export function viewOf(client) {
  const view = { roomCode: null, hostId: null, present: new Map(), away: new Map(), count: 0 };
  const enter = (roomCode, hostId, participants, away = []) => {
    const named = (list) => new Map(list.map(({ id, name }) => [id, name]));
    Object.assign(view, { roomCode, hostId, present: named(participants), away: named(away) });
    view.count = participants.length;
  };
  for (const [event, payload] of client.transcript) {
    if (event === 'session:created') enter(payload.roomCode, payload.userId, [{ id: payload.userId }]);
    if (event === 'session:joined') enter(payload.roomCode, payload.hostId, payload.participants, payload.away);
    // Who comes back into a session gets its list next. Who has left it, without getting the answer, gets nothing.
    if (event === 'session:ended' || event === 'connect') enter(null, null, []);
    if (event === 'session:host-changed') view.hostId = payload.hostId;
    if (event === 'session:user-joined') {
      ++view.count;
      view.away.delete(payload.user.id);
      view.present.set(payload.user.id, payload.user.name);
    }
    if (event === 'session:user-left') {
      --view.count;
      if (payload.away) view.away.set(payload.userId, view.present.get(payload.userId));
      view.present.delete(payload.userId);
    }
    if (event === 'session:user-gone') view.away.delete(payload.userId);
    if (event === 'session:user-updated') {
      const list = view.present.has(payload.user.id) ? view.present : view.away;
      list.set(payload.user.id, payload.user.name);
    }
    if (event === 'ack of session:leave' && payload.ok) enter(null, null, []);
  }
  return view;
}

// Many at once, with the limits lifted.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { io } from 'socket.io-client';
import WebSocket from 'ws';

import { participant } from './scenarios/band.mjs';
import { ways } from './support/client.mjs';
import { within } from './support/patience.mjs';
import { httpRequest } from './support/raw.mjs';
import { Server } from './support/server.mjs';
import { theatre } from './support/theatre.mjs';

const [overPolling, overWebSocket] = ways;
const limit = 120_000;

describe('A crowd that joins one session at once', () => {
  it('Agrees on who is there: 100 over polling', () =>
    joinAtOnce(100, (url) => new StockGuest(url, overPolling)));

  // Half a million messages are too much for a thousand stock clients in one process, if it shares
  // its processor; so every tenth guest is one, and the others are frugal.
  it('Agrees on who is there: 1000 over WebSocket', () =>
    joinAtOnce(1000, (url, i) =>
      i % 10 === 0 ? new StockGuest(url, overWebSocket) : new FrugalGuest(url),
    ));
});

describe('A coming and going', () => {
  const { everyWay } = theatre('--no-limits');

  everyWay('Sessions that come and go leave nothing behind', async ({ connect, url }) => {
    const churner = await connect();
    for (let round = 0; round < 10; ++round) {
      // Without waiting: one is created, left, created again …
      const codes = Array.from({ length: 100 }, () =>
        churner.request('session:create', { name: 'Carol' }),
      );
      for (const created of await Promise.all(codes)) {
        assert.equal(created.ok, true);
        assert.match(created.roomCode, /^(?=.{4,10}$)[A-Z]+-[0-9]+$/);
      }
      const { roomCode } = await codes.at(-1);
      assert.deepEqual(await churner.request('session:leave', { roomCode }), { ok: true });
    }
    const { body } = await httpRequest(`${url}/metrics`);
    assert.match(body, /^downbeat_sessions 0$/m);
  });

  everyWay('Members who come and go are always seen in step', async ({ connect }) => {
    const [alice, ...others] = await Promise.all(Array.from({ length: 5 }, () => connect()));
    const { roomCode } = await alice.request('session:create', { name: 'Alice' });
    const comeAndGo = async (client) => {
      for (let i = 0; i < 20; ++i) {
        const joined = await client.request('session:join', { roomCode, name: 'Bob' });
        assert.deepEqual(joined.participants[0], participant(alice, 'Alice'));
        assert.deepEqual(joined.participants.at(-1), participant(client, 'Bob'));
        await client.request('session:leave', { roomCode });
      }
    };
    await Promise.all(others.map(comeAndGo));
    await alice.caughtUp();

    const present = new Set();
    for (const [event, news] of alice.transcript) {
      if (event === 'session:user-joined') {
        assert.ok(!present.has(news.user.id), 'who joins was not there');
        present.add(news.user.id);
      } else if (event === 'session:user-left') {
        assert.ok(present.delete(news.userId), 'who leaves was there');
      }
    }
    assert.equal(present.size, 0);
  });
});

async function joinAtOnce(count, invite) {
  // Under a sanitizer, on a busy machine, a crowd needs longer than a client of its own may take; and
  // these do not come back.
  const patience = ['--connect-timeout', '--header-timeout'].flatMap((time) => [time, '60000']);
  const server = await Server.start('--no-limits', '--max-participants', '0', ...patience);
  try {
    const guests = Array.from({ length: count }, (_, i) => invite(server.url, i));
    await within(Promise.all(guests.map((guest) => guest.connected)), () => 'everyone', limit);
    const [host, ...others] = guests;
    host.emit('session:create', { name: 'Host' });
    const roomCode = await within(host.created, () => 'session:created');

    const agreement = guests.map((guest) => guest.sees(count));
    others.forEach((guest) => guest.emit('session:join', { roomCode, name: 'Guest' }));
    await within(Promise.all(agreement), () => 'everyone to see everyone', limit);

    assert.equal(new Set(host.list).size, count);
    for (const guest of others) assert.deepEqual(guest.list, host.list);
  } finally {
    // They go all at once, with the server: were they to leave, they would all hear of it.
    await server.stop();
  }
}

/** One of very many: knows only who is there, in the order in which they came. */
class Guest {
  list = [];
  #awaited = Infinity;

  constructor() {
    this.connected = new Promise((resolve) => (this.onConnected = resolve));
    this.created = new Promise((resolve) => (this.onCreated = resolve));
  }

  /** Resolves when this many are there. */
  sees(count) {
    this.#awaited = count;
    return new Promise((resolve) => (this.onEnough = resolve));
  }

  hear(event, news) {
    if (event === 'session:user-joined') {
      this.list.push(news.user.id);
    } else if (event === 'session:joined') {
      this.list = news.participants.map(({ id }) => id);
    } else if (event === 'session:created') {
      this.list = [news.userId];
      this.onCreated(news.roomCode);
    }
    if (this.list.length === this.#awaited) this.onEnough();
  }
}

class StockGuest extends Guest {
  constructor(url, way) {
    super();
    this.socket = io(url, { ...way.options, forceNew: true, reconnection: false });
    this.socket.on('connect', this.onConnected);
    this.socket.onAny((event, news) => this.hear(event, news));
  }

  emit(event, payload) {
    this.socket.emit(event, payload);
  }
}

/** Knows of Engine.IO and Socket.IO just enough to take part over a WebSocket. */
class FrugalGuest extends Guest {
  constructor(url) {
    super();
    const address = url.replace('http', 'ws');
    this.socket = new WebSocket(`${address}/socket.io/?EIO=4&transport=websocket`);
    this.socket.on('message', (bytes) => {
      const message = bytes.toString();
      if (message.startsWith('42')) this.hear(...JSON.parse(message.slice(2)));
      else if (message.startsWith('40')) this.onConnected();
      else if (message === '2') this.socket.send('3');
      else if (message.startsWith('0')) this.socket.send('40');
    });
    this.socket.on('error', () => {});
  }

  emit(event, payload) {
    this.socket.send(`42${JSON.stringify([event, payload])}`);
  }
}

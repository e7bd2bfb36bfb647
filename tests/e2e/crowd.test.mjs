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
import { isTls } from './support/tls.mjs';

const [overPolling, overWebSocket] = ways;
const limit = 120_000;

describe('A crowd that joins one session at once', () => {
  it('Agrees on who is there: 100 over polling', () =>
    joinAtOnce(100, (url) => new StockMember(url, overPolling)));

  // Half a million messages are too much for a thousand stock clients in one process, if it shares
  // its processor; so every tenth member is one, and the others are frugal.
  // Nor can one process shake hands with so many over TLS in time.
  const many = isTls ? 200 : 1000;
  it(`Agrees on who is there: ${many} over WebSocket`, () =>
    joinAtOnce(many, (url, i) =>
      i % 10 === 0 ? new StockMember(url, overWebSocket) : new FrugalMember(url),
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
  // Under a sanitizer, on a busy machine, a crowd needs longer than a client of its own may take, and
  // a ping waits behind half a million messages; and these do not come back.
  const times = ['--connect-timeout', '--header-timeout', '--send-timeout', '--ping-timeout'];
  const patience = times.flatMap((time) => [time, String(limit)]);
  const server = await Server.start('--no-limits', '--max-participants', '0', ...patience);
  try {
    const members = Array.from({ length: count }, (_, i) => invite(server.url, i));
    await within(Promise.all(members.map((member) => member.connected)), () => 'everyone', limit);
    const [host, ...others] = members;
    host.emit('session:create', { name: 'Host' });
    const roomCode = await within(host.created, () => 'session:created');

    const agreement = members.map((member) => member.sees(count));
    others.forEach((member) => member.emit('session:join', { roomCode, name: 'Bob' }));
    await within(Promise.all(agreement), () => 'everyone to see everyone', limit);

    assert.equal(new Set(host.list).size, count);
    for (const member of others) assert.deepEqual(member.list, host.list);
  } finally {
    // The server stops first, which ends all clients at once: if they left one by one, each leave
    // would be sent to all others.
    await server.stop();
  }
}

/** A small client, for thousands of them: it keeps only the participants, in order of joining. */
class Member {
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

class StockMember extends Member {
  constructor(url, way) {
    super();
    this.socket = io(url, { ...way.options, forceNew: true, reconnection: false, timeout: limit });
    this.socket.on('connect', this.onConnected);
    this.socket.onAny((event, news) => this.hear(event, news));
  }

  emit(event, payload) {
    this.socket.emit(event, payload);
  }
}

/** Knows of Engine.IO and Socket.IO just enough to take part over a WebSocket. */
class FrugalMember extends Member {
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

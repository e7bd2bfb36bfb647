// The stock client comes back to its own seat, however its connection is cut.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Client, ways } from './support/client.mjs';
import { Line } from './support/line.mjs';
import { eventually } from './support/patience.mjs';
import { cutOff, heardOf, soon } from './support/seats.mjs';
import { Server } from './support/server.mjs';
import { io } from 'socket.io-client';

describe('A lost connection', () => {
  let server;
  const clients = [];
  const proxies = [];
  const open = (url, way, options = {}) => {
    const client = new Client(io(url, { ...way.options, forceNew: true, ...options }));
    clients.push(client);
    return client;
  };
  const proxied = async () => {
    const proxy = await Line.to(server);
    proxies.push(proxy);
    return proxy;
  };
  before(async () => (server = await Server.start('--reconnect-grace', '60')));
  after(async () => {
    clients.forEach((client) => client.close());
    proxies.forEach((proxy) => proxy.close());
    await server.stop();
  });

  for (const way of ways) {
    it(`is no leave, ten times in a row over ${way.name}`, async () => {
      const proxy = await proxied();
      const alice = open(server.url, ways[1]);
      const bob = open(proxy.url, way, soon);
      await alice.until('connect');
      await bob.until('connect');
      alice.emit('session:create', { name: 'Alice' });
      const { roomCode } = await alice.until('session:created');
      bob.emit('session:join', { roomCode, name: 'Bob' });
      await bob.until('session:joined');
      const { id } = bob;
      for (let i = 1; i <= 10; ++i) {
        await cutOff(proxy, bob);
        await bob.until('connect');
        assert.equal(bob.socket.recovered, true, `cut ${i}`);
        assert.equal(bob.id, id);
        const joined = await bob.until('session:joined');
        assert.equal(joined.resumed, true);
        assert.deepEqual(joined.participants.map(({ name }) => name), ['Alice', 'Bob']);
      }
      // In turn, and nothing else: a naive count is always the number present. If the server had not
      // noticed the end of a connection when the next one came, which may be served by another event
      // loop, this one took the seat over, and the others have heard nothing of it.
      await alice.caughtUp();
      const drops = () => server.lines('participant away', id).length;
      const takeovers = () => server.lines('seat taken over', id).length;
      await eventually(() => drops() + takeovers() === 10, () => `10 returns, not ${drops()} + ${takeovers()}`);
      assert.deepEqual(heardOf(alice, id), ['joined', ...Array(drops()).fill(['away', 'back']).flat()]);
      bob.emit('session:event', { type: 'note', data: 7 });
      assert.deepEqual(await alice.until('session:event'), { userId: id, type: 'note', data: 7 });
    });
  }

  it('keeps what the page emits meanwhile, and the default delays do, too', async () => {
    const proxy = await proxied();
    const alice = open(server.url, ways[1]);
    const bob = open(proxy.url, ways[1]);
    await alice.until('connect');
    await bob.until('connect');
    alice.emit('session:create', { name: 'Alice' });
    const { roomCode } = await alice.until('session:created');
    bob.emit('session:join', { roomCode, name: 'Bob' });
    await bob.until('session:joined');
    const { id } = bob;
    proxy.cut();
    await bob.until('disconnect');
    bob.emit('session:event', { type: 'late', data: 1 });
    assert.deepEqual(await alice.until('session:event'), { userId: id, type: 'late', data: 1 });
    assert.equal(bob.socket.recovered, true);
  });

  it('keeps the host, who was alone in the room', async () => {
    const proxy = await proxied();
    const alice = open(proxy.url, ways[2], soon);
    await alice.until('connect');
    alice.emit('session:create', { name: 'Alice' });
    const { roomCode, userId } = await alice.until('session:created');
    await alice.on('websocket');
    await alice.caughtUp();
    alice.socket.io.reconnection(false);
    proxy.cut();
    const bob = open(server.url, ways[1]);
    await bob.until('connect');
    await server.logged('participant away', userId);
    bob.emit('session:join', { roomCode, name: 'Bob' });
    const joined = await bob.until('session:joined');
    assert.deepEqual(joined.participants.map(({ name }) => name), ['Bob']);
    assert.deepEqual(joined.away.map(({ name }) => name), ['Alice']);
    assert.equal(joined.hostId, bob.id);
    alice.socket.io.reconnection(true);
    alice.socket.connect();
    assert.equal((await bob.until('session:host-changed')).hostId, userId);
    assert.equal((await alice.until('session:joined')).hostId, userId);
  });

  it('lets a leave be a leave', async () => {
    const alice = open(server.url, ways[1]);
    const bob = open(server.url, ways[2]);
    await alice.until('connect');
    await bob.until('connect');
    alice.emit('session:create', { name: 'Alice' });
    const { roomCode } = await alice.until('session:created');
    bob.emit('session:join', { roomCode, name: 'Bob' });
    await bob.until('session:joined');
    const { id } = bob;
    bob.socket.disconnect();
    assert.deepEqual(await alice.until('session:user-left'), { userId: id });
    bob.socket.connect();
    await eventually(() => bob.socket.connected, () => bob.story());
    assert.equal(bob.socket.recovered, false);
    assert.notEqual(bob.id, id);
    await bob.caughtUp();
    assert.ok(!bob.heard().includes('session:ended'));
  });

  it('and a second connection with the same pid takes the seat over', async () => {
    const alice = open(server.url, ways[1]);
    await alice.until('connect');
    alice.emit('session:create', { name: 'Alice' });
    const { roomCode, userId } = await alice.until('session:created');
    // The stock client keeps it there.
    const pid = alice.socket._pid;
    assert.equal(typeof pid, 'string');
    const again = open(server.url, ways[0], { auth: { pid } });
    const joined = await again.until('session:joined');
    assert.equal(again.id, userId);
    assert.equal(joined.resumed, true);
    assert.deepEqual(await alice.until('session:ended'), { roomCode, reason: 'taken_over' });
    assert.equal(await alice.until('disconnect'), 'io server disconnect');
    assert.ok(!server.log.includes(pid), 'a pid is in the log');
  });
});

describe('A server that is to stop', () => {
  it('waits for nobody who is away, since nobody can return', async () => {
    const server = await Server.start('--reconnect-grace', '3600', '--drain-timeout', '3600000');
    const alice = new Client(io(server.url, { ...ways[1].options, forceNew: true, reconnection: false }));
    await alice.until('connect');
    assert.equal((await alice.request('session:create', { name: 'Alice' })).ok, true);
    alice.socket.io.engine.close();
    await server.logged('participant away');
    assert.equal((await server.stop()).code, 0);
  });
});

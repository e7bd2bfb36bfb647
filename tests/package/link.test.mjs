// Bad connections, on virtual time and with the same accidents in every run.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { connected, duet, join, next, serve, serveVirtually } from './support/jam.mjs';

describe('A link', () => {
  it('takes its latency in each direction', async (t) => {
    const server = await serveVirtually(t);
    const link = server.createLink({ name: 'Alice', latencyMs: 80 });
    const alice = join(t, link.transport);
    const times = {};
    alice.on('connect', () => (times.connect = server.now));
    await server.advance(319);
    assert.equal(alice.connected, false);
    await server.advance(1);
    assert.deepEqual(times, { connect: 320 }, 'the handshake and CONNECT, there and back');

    alice.emit('session:create', { name: 'Alice' }, () => (times.reply = server.now));
    await server.advance(1000);
    assert.equal(times.reply, 480);
  });

  it('is what the server knows the client by', async (t) => {
    const server = await serveVirtually(t);
    await next(join(t, server.createLink({ name: 'Alice' }).transport), 'connect');
    assert.ok(server.trace.some((line) => line.includes('"address":"Alice"')));
  });

  it('keeps messages in order, whatever its jitter', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob, roomCode } = await duet(t, server);
    const link = server.createLink({ latencyMs: 5, jitterMs: 200 });
    const carol = join(t, link.transport);
    carol.emit('session:join', { roomCode, name: 'Carol' });
    await server.advance(2000);
    const arrivals = [];
    bob.on('session:event', ({ data }) => arrivals.push({ data, time: server.now }));
    const start = server.now;
    for (let beat = 0; beat < 50; ++beat) {
      carol.emit('session:event', { type: 'beat', data: beat });
      await server.advance(10);
    }
    await server.advance(1000);
    assert.deepEqual(
      arrivals.map(({ data }) => data),
      Array.from({ length: 50 }, (_, i) => i),
    );
    const delays = arrivals.map(({ data, time }) => time - start - 10 * data);
    assert.ok(Math.min(...delays) >= 5);
    assert.ok(Math.max(...delays) > 100, 'some were late');
    assert.ok(alice.connected && bob.connected);
  });

  it('keeps messages in order when its latency shrinks', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob } = await duet(t, server);
    const heard = [];
    bob.on('session:event', ({ type }) => heard.push(type));
    server.link.latencyMs = 100;
    alice.emit('session:event', { type: 'first' });
    await server.advance(1);
    server.link.latencyMs = 0;
    alice.emit('session:event', { type: 'second' });
    await server.advance(98);
    assert.deepEqual(heard, []);
    await server.advance(1);
    assert.deepEqual(heard, ['first', 'second']);
  });

  it('carries nothing while it is unplugged, and the heartbeat finds out', async (t) => {
    const server = await serveVirtually(t);
    const { alice } = await duet(t, server);
    const link = server.createLink({ name: 'Carol' });
    const carol = join(t, link.transport);
    const { roomCode } = server.snapshot().sessions[0];
    await carol.emitWithAck('session:join', { roomCode, name: 'Carol' });
    const carolsId = carol.id;
    const left = [];
    alice.on('session:user-left', ({ userId, away }) => left.push([userId, away, server.now]));
    const heard = [];
    carol.onAny((event) => heard.push(event));

    link.unplug();
    carol.emit('session:update', { name: 'Caroline' });
    alice.emit('session:event', { type: 'note' });
    await server.advance(44_999);
    assert.deepEqual(heard, []);
    assert.deepEqual(left, []);
    assert.ok(carol.connected, 'she does not know');
    await server.advance(1);
    assert.deepEqual(left, [[carolsId, true, 45_000]]);
    assert.ok(carol.connected, 'she still does not know');
    const [{ participants, away }] = server.snapshot().sessions;
    assert.deepEqual([participants.length, away.map(({ id }) => id)], [2, [carolsId]]);
    assert.ok(!server.trace.some((line) => line.includes('Caroline')));

    // Once the plug is back she learns that the server has given up, and comes back.
    const reason = next(carol, 'disconnect');
    link.plug();
    assert.equal(await reason, 'transport close');
    const { resumed } = await next(carol, 'session:joined');
    assert.equal(resumed, true);
    assert.equal(carol.id, carolsId);
  });

  it('goes on where it was when it is replugged in time', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob } = await duet(t, server);
    const heard = [];
    bob.on('session:event', ({ type }) => heard.push(type));
    server.link.unplug();
    alice.emit('session:event', { type: 'one' });
    await server.advance(1000);
    alice.emit('session:event', { type: 'two' });
    await server.advance(1000);
    assert.deepEqual(heard, []);
    server.link.plug();
    alice.emit('session:event', { type: 'three' });
    await server.advance(0);
    assert.deepEqual(heard, ['one', 'two', 'three']);
  });

  it('lets no new connection through while it is unplugged', async (t) => {
    const server = await serveVirtually(t);
    const link = server.createLink({ name: 'Alice' });
    link.unplug();
    const alice = join(t, link.transport);
    const error = await next(alice, 'connect_error');
    assert.equal(error.type, 'TransportError');
    assert.match(error.message, /"Alice" is unplugged/);
    link.plug();
    await next(alice, 'connect');
  });

  it('forgets a client that leaves while it is unplugged', async (t) => {
    const server = await serveVirtually(t);
    const { bob } = await duet(t, server);
    server.link.unplug();
    bob.disconnect();
    await server.advance(0);
    assert.equal(server.snapshot().connections.length, 2);
    server.link.plug();
    await server.advance(0);
    assert.equal(server.snapshot().connections.length, 1);
  });

  it('drops its connections, and no others', async (t) => {
    const server = await serveVirtually(t);
    const { alice } = await duet(t, server);
    const link = server.createLink();
    const carol = join(t, link.transport);
    await next(carol, 'connect');
    const details = new Promise((resolve) => carol.on('disconnect', (...all) => resolve(all)));
    link.drop();
    await server.advance(0);
    assert.deepEqual(await details, [
      'transport close',
      { description: 'the connection was lost', context: undefined },
    ]);
    assert.ok(alice.connected);
    await connected(carol);
  });

  it('breaks connections by chance', async (t) => {
    // A seat that is kept would have its returns slowed down, by virtual time.
    const server = await serveVirtually(t, { reconnectGrace: 0 });
    const link = server.createLink({ loss: 0.1 });
    const carol = join(t, link.transport);
    let breaks = 0;
    carol.on('disconnect', () => ++breaks);
    for (let i = 0; i < 100; ++i) {
      carol.emit('session:create', { name: 'Carol' });
      await new Promise((resolve) => setTimeout(resolve, 3));
    }
    assert.ok(breaks >= 3, `${breaks} breaks`);
    link.loss = 0;
    await server.advance(0);
    await connected(carol);
    assert.equal(server.snapshot().connections.length, 1);
  });

  it('takes its time in real time, too', async (t) => {
    const server = await serve(t);
    // Before the client is made: it begins to connect at once.
    const start = performance.now();
    const alice = join(t, server.createLink({ latencyMs: 25 }).transport);
    await next(alice, 'connect');
    const took = performance.now() - start;
    assert.ok(took >= 96, `${took} ms`);
  });
});

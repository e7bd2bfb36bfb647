// Virtual time, and what the server does of its own accord when time passes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { duet, join, next, serve, serveVirtually, several } from './support/jam.mjs';

describe('Virtual time', () => {
  it('stands still until it is advanced', async (t) => {
    const server = await serveVirtually(t);
    assert.equal(server.now, 0);
    await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(server.now, 0);
    await server.advance(1500);
    assert.equal(server.now, 1500);
    await Promise.all([server.advance(100), server.advance(20)]);
    assert.equal(server.now, 1620);
  });

  it('lets clients live through hours of heartbeats', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob } = await duet(t, server);
    await server.advance(3 * 3_600_000);
    assert.ok(alice.connected && bob.connected);
    assert.equal(server.trace.filter((line) => line.endsWith('< send 1 "2"')).length, 432);
  });

  it('strikes silent connections at their deadline', async (t) => {
    const server = await serveVirtually(t, { pingInterval: 300, pingTimeout: 200 });
    const { alice, bob } = await duet(t, server);
    const { id } = bob;
    const left = [];
    alice.on('session:user-left', ({ userId }) => left.push([userId, server.now]));
    bob.io.engine._sendPacket = () => {}; // it answers no ping any more
    await server.advance(499);
    assert.equal(server.snapshot().sessions[0].participants.length, 2);
    const reason = next(bob, 'disconnect');
    await server.advance(1);
    assert.deepEqual(left, [[id, 500]]);
    assert.equal(await reason, 'transport close');
    assert.ok(alice.connected);
  });

  it('is through with what clients do when it has been advanced', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob } = await duet(t, server);
    server.link.latencyMs = 10;
    const order = [];
    bob.on('session:event', async ({ data }) => {
      order.push(`bob ${data}`);
      await bob.emitWithAck('session:event', { type: 'echo', data });
      await Promise.resolve();
      order.push(`answered ${data}`);
    });
    alice.on('session:event', ({ data }) => order.push(`alice ${data}`));
    alice.emit('session:event', { type: 'note', data: 1 });
    alice.emit('session:event', { type: 'note', data: 2 });
    await server.advance(40);
    assert.deepEqual(order, ['bob 1', 'bob 2', 'alice 1', 'answered 1', 'alice 2', 'answered 2']);
  });

  it('waits for blobs', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob } = await duet(t, server);
    let heard;
    bob.on('session:event', ({ data }) => (heard = data));
    alice.emit('session:event', { type: 'noise', data: new Blob(['x'.repeat(10_000)]) });
    await server.advance(0);
    assert.equal(heard.length, 10_000);
  });
});

describe('Clients who answer each other without end', () => {
  /** Two clients, each of which changes its name whenever the other one does; no rate limits it. */
  async function chatter(t, server) {
    const links = ['Alice', 'Bob'].map((name) => server.createLink({ name }));
    const [alice, bob] = links.map((link) => join(t, link.transport));
    const { roomCode } = await alice.emitWithAck('session:create', { name: 'Alice' });
    await bob.emitWithAck('session:join', { roomCode, name: 'Bob' });
    let names = 0;
    for (const socket of [alice, bob]) {
      socket.on('session:user-updated', () =>
        socket.emit('session:update', { name: `${++names}` }),
      );
    }
    alice.emit('session:update', { name: 'begin' });
    return { alice, bob, links, roomCode };
  }

  it('make advance() fail, in words that name them, and everything works on', async (t) => {
    const server = await serveVirtually(t);
    const carol = join(t, server.transport);
    await next(carol, 'connect');
    const { alice, bob, roomCode } = await chatter(t, server);
    const [first, second] = [server.advance(1000), server.advance(5)];
    await assert.rejects(first, (error) => {
      assert.match(error.message, /gave up at 0 ms, where clients and server answer each other/);
      assert.match(error.message, /connection 2 on "Alice" \(\d+ messages\)/);
      assert.match(error.message, /connection 3 on "Bob" \(\d+ messages\)/);
      assert.doesNotMatch(error.message, /in-tab/);
      return true;
    });
    await assert.rejects(second, /gave up at 0 ms/);
    assert.equal(server.now, 0);

    assert.equal(server.snapshot().sessions[0].participants.length, 2);
    bob.off('session:user-updated');
    await server.advance(1000);
    assert.equal(server.now, 1000);
    assert.ok(alice.connected && bob.connected);
    assert.ok((await carol.emitWithAck('session:join', { roomCode, name: 'Carol' })).ok);
  });

  it('do not keep close() from ending', async (t) => {
    const server = await serveVirtually(t);
    const { alice } = await chatter(t, server);
    const gone = next(alice, 'disconnect');
    await server.close();
    assert.equal(await gone, 'transport close');
  });

  it('come to an end where a link takes time', async (t) => {
    const server = await serveVirtually(t);
    const { links } = await chatter(t, server);
    links[0].latencyMs = 1;
    await server.advance(2000);
    assert.equal(server.now, 2000);
  });

  it('are no matter of how much happens at once', async (t) => {
    const server = await serveVirtually(t, { maxEventsPerSecond: 0 });
    const { alice, bob } = await duet(t, server);
    let heard = 0;
    bob.on('session:event', () => ++heard);
    for (let i = 0; i < 20_000; ++i) alice.emit('session:event', { type: 'note', data: i });
    await server.advance(1);
    assert.equal(heard, 20_000);
  });
});

describe('Real time', () => {
  it('passes by itself', async (t) => {
    const server = await serve(t, { pingInterval: 50, pingTimeout: 20_000 });
    const socket = join(t, server.transport);
    const start = performance.now();
    const before = server.now;
    await next(socket, 'connect');
    await several(4, socket.io, 'ping');
    assert.ok(socket.connected);
    // None of them came too early; on a busy machine each may be late. The server counts whole
    // milliseconds.
    const took = performance.now() - start;
    assert.ok(took >= 4 * 49, `4 pings in ${took} ms`);
    assert.ok(server.now - before >= 4 * 50, `4 pings in ${server.now - before} ms of the server`);
  });

  it('waits for deadlines that are further away than a timer can be set to', async (t) => {
    const longest = 2 ** 31 - 2;
    const server = await serve(t, { pingInterval: longest, pingTimeout: 1 });
    const socket = join(t, server.transport);
    await next(socket, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(socket.connected);
    assert.ok(server.trace.length < 12, 'it does not spin');
  });

  it('strikes silent connections, and not too early', async (t) => {
    const server = await serve(t, { pingInterval: 60, pingTimeout: 40 });
    const start = performance.now();
    const socket = join(t, server.transport, { reconnection: false });
    await next(socket, 'connect');
    socket.io.engine._sendPacket = () => {};
    await next(socket, 'disconnect');
    const took = performance.now() - start;
    assert.ok(took >= 99, `${took} ms`);
  });
});

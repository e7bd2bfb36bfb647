// Virtual time, and what the server does of its own accord when time passes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { duet, join, next, serve, serveVirtually } from './support/jam.mjs';

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
    assert.deepEqual(order, ['bob 1', 'bob 2', 'alice 1', 'alice 2', 'answered 1', 'answered 2']);
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

describe('Real time', () => {
  it('passes by itself', async (t) => {
    const server = await serve(t, { pingInterval: 50, pingTimeout: 50 });
    const socket = join(t, server.transport);
    await next(socket, 'connect');
    let pings = 0;
    socket.io.on('ping', () => ++pings);
    await new Promise((resolve) => setTimeout(resolve, 330));
    assert.ok(pings >= 3 && pings <= 6, `${pings} pings`);
    assert.ok(socket.connected);
    assert.ok(server.now >= 300);
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

  it('strikes silent connections within milliseconds', async (t) => {
    const server = await serve(t, { pingInterval: 60, pingTimeout: 40 });
    const socket = join(t, server.transport, { reconnection: false });
    await next(socket, 'connect');
    socket.io.engine._sendPacket = () => {};
    const start = performance.now();
    await next(socket, 'disconnect');
    const took = performance.now() - start;
    assert.ok(took > 80 && took < 300, `${took} ms`);
  });
});

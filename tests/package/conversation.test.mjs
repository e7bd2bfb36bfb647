// The stock client, in Node, behind the installed package.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { duet, join, next, serve, several } from './support/jam.mjs';

describe('The stock client', () => {
  it('connects, with its auth payload, and gets an id', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport, { auth: { token: 'secret' } });
    await next(socket, 'connect');
    assert.match(socket.id, /^[\w-]{20}$/);
    assert.equal(socket.io.engine.transport.name, 'downbeat');
    assert.ok(
      server.trace.some((line) => line.endsWith(String.raw`text 1 "40{\"token\":\"secret\"}"`)),
    );
  });

  it('sends its query', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport, { query: { who: 'Alice & Bob' } });
    await next(socket, 'connect');
    assert.match(
      server.trace.find((line) => line.includes('> websocket')),
      /"EIO=4&transport=websocket&who=Alice%20%26%20Bob"|who=Alice%20%26%20Bob&EIO=4/,
    );
  });

  it('gets events and acknowledgements', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport);
    const heard = [];
    socket.onAny((event) => heard.push(event));
    const reply = await new Promise((resolve) => {
      socket.emit('session:create', { name: 'Alice' }, (answer) => {
        heard.push('ack');
        resolve(answer);
      });
    });
    assert.deepEqual(heard, ['session:created', 'ack']);
    assert.deepEqual(reply, { ok: true, roomCode: reply.roomCode, userId: socket.id });
    assert.deepEqual(await socket.emitWithAck('session:leave', { roomCode: reply.roomCode }), {
      ok: true,
    });
  });

  it('gets failures as the event error', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport);
    socket.emit('session:join', { roomCode: 'INVALID-99', name: 'Charlie' });
    assert.deepEqual(await next(socket, 'error'), {
      message: 'Session not found',
      code: 'session_not_found',
      event: 'session:join',
    });
  });

  it('may send 500 requests at once', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport);
    await socket.emitWithAck('session:create', { name: 'Alice' });
    const order = [];
    await Promise.all(
      Array.from({ length: 500 }, async (_, i) => {
        const reply = await socket.emitWithAck('session:update', { name: `Alice ${i}` });
        assert.deepEqual(reply, { ok: true });
        order.push(i);
      }),
    );
    assert.deepEqual(
      order,
      Array.from({ length: 500 }, (_, i) => i),
    );
    assert.equal(server.snapshot().sessions[0].participants[0].name, 'Alice 499');
  });

  it('exchanges binary data, which neither side can change afterwards', async (t) => {
    const server = await serve(t);
    const { alice, bob } = await duet(t, server);
    const bytes = Buffer.from([0, 0x1e, 0xff, 0x80]);
    const wide = new Uint16Array([1, 0xabcd]);
    const view = new DataView(Uint8Array.of(9, 8, 7, 6, 5).buffer, 1, 3);
    const part = Uint8Array.of(9, 8, 7, 6, 5).subarray(2, 4);
    const { buffer } = Uint8Array.of(1, 2, 3);
    const blob = new Blob(['la la']);
    const long = Buffer.alloc(10_000, 'la ');
    const arrival = several(2, bob, 'session:event');
    alice.emit('session:event', {
      type: 'noise',
      data: [bytes, wide, view, part, buffer, blob, long],
    });
    alice.emit('session:event', { type: 'after', data: bytes });
    const [{ data }, after] = await arrival;
    assert.deepEqual(data, [
      Buffer.from([0, 0x1e, 0xff, 0x80]),
      Buffer.from(wide.buffer),
      Buffer.from([8, 7, 6]),
      Buffer.from([7, 6]),
      Buffer.from([1, 2, 3]),
      Buffer.from('la la'),
      long,
    ]);
    assert.equal(data[0].buffer.byteLength, 4, 'a buffer of its own');
    assert.equal(after.type, 'after');
  });

  it('has its binary data copied once that is on its way', async (t) => {
    const server = await serve(t);
    const { alice, bob } = await duet(t, server);
    const bytes = Uint8Array.of(1, 2, 3);
    server.link.latencyMs = 20;
    alice.emit('session:event', { type: 'noise', data: bytes });
    // Until then the client has it on its list.
    await new Promise(setImmediate);
    bytes.fill(0);
    assert.deepEqual((await next(bob, 'session:event')).data, Buffer.from([1, 2, 3]));
  });

  it('may encode binary data as text', async (t) => {
    const server = await serve(t);
    const { alice } = await duet(t, server);
    const carol = join(t, server.transport, { forceBase64: true });
    const { roomCode } = server.snapshot().sessions[0];
    await carol.emitWithAck('session:join', { roomCode, name: 'Carol' });
    carol.emit('session:event', { type: 'noise', data: Buffer.from([1, 2, 255]) });
    assert.deepEqual((await next(alice, 'session:event')).data, Buffer.from([1, 2, 255]));
    alice.emit('session:event', { type: 'noise', data: Buffer.from([3, 4, 255]) });
    assert.deepEqual((await next(carol, 'session:event')).data, Buffer.from([3, 4, 255]));
  });

  it('joins namespaces, where there is none but one', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport);
    await next(socket, 'connect');
    const other = socket.io.socket('/custom');
    assert.equal((await next(other, 'connect_error')).message, 'Invalid namespace');
    assert.ok(socket.connected);
  });

  it('disconnects, and the others get session:user-left', async (t) => {
    const server = await serve(t);
    const { alice, bob } = await duet(t, server);
    const { id } = bob;
    const reason = next(bob, 'disconnect');
    bob.disconnect();
    assert.equal(await reason, 'io client disconnect');
    assert.deepEqual(await next(alice, 'session:user-left'), { userId: id });
    assert.equal(server.snapshot().connections.length, 1);
  });

  it('reconnects by hand', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport);
    await next(socket, 'connect');
    const { id } = socket;
    socket.disconnect().connect();
    await next(socket, 'connect');
    assert.notEqual(socket.id, id);
  });

  it('reconnects by itself after a drop, and sends what it has kept', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport);
    await next(socket, 'connect');
    server.link.drop();
    assert.equal(await next(socket, 'disconnect'), 'transport close');
    socket.emit('session:create', { name: 'Alice' });
    assert.equal((await next(socket, 'session:created')).userId, socket.id);
    assert.equal(server.snapshot().connections.length, 1);
  });

  it('is closed when it sends nonsense', async (t) => {
    const server = await serve(t);
    const socket = join(t, server.transport, { reconnection: false });
    await next(socket, 'connect');
    socket.io.engine.write('nonsense');
    assert.equal(await next(socket, 'disconnect'), 'transport close');
  });

  it('is closed when it sends too much', async (t) => {
    const server = await serve(t, { maxPayload: 1000 });
    const socket = join(t, server.transport, { reconnection: false });
    const details = new Promise((resolve) => socket.on('disconnect', (_, about) => resolve(about)));
    await next(socket, 'connect');
    // 999 units of UTF-16 and 1003 bytes of UTF-8, with the packet around them.
    socket.emit('x', 'ä'.repeat(498));
    assert.deepEqual(await details, {
      description: 'the server closed the connection',
      context: { code: 1009 },
    });
  });

  it('gets disconnect when the server closes', async (t) => {
    const server = await serve(t);
    const { alice, bob } = await duet(t, server);
    const reasons = Promise.all([alice, bob].map((socket) => next(socket, 'disconnect')));
    await server.close();
    assert.deepEqual(await reasons, ['transport close', 'transport close']);
    assert.match((await next(alice.io, 'reconnect_error')).description, /closed/);
  });

  it('is not confused by a second server', async (t) => {
    const [one, two] = [await serve(t), await serve(t)];
    const { roomCode } = await join(t, one.transport).emitWithAck('session:create', {
      name: 'Alice',
    });
    const reply = await join(t, two.transport).emitWithAck('session:join', {
      roomCode,
      name: 'Bob',
    });
    assert.equal(reply.error.code, 'session_not_found');
  });
});

// Invalid text: half surrogate pairs, and values that cannot be converted to text, from every
// source. The sender gets an error at most, and other clients are not affected.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { uncaughtIn } from '../e2e/support/uncaught.mjs';
import { connected, duet, join, next, project, replay, serve, serveVirtually } from './support/jam.mjs';

const half = 'half \ud83c';
const mended = 'half \ufffd';

describe('Half a surrogate pair', () => {
  it('in a query is replaced', async (t) => {
    const server = await serve(t);
    const { alice } = await duet(t, server);
    const socket = join(t, server.transport, { query: { who: half, [half]: 'what' } });
    await next(socket, 'connect');
    const [, said] = server.trace
      .findLast((line) => line.includes('> websocket'))
      .match(/"query":"(.*?)"/);
    assert.equal(new URLSearchParams(said).get('who'), mended);
    assert.equal(new URLSearchParams(said).get(mended), 'what');
    assert.ok(alice.connected);
    assert.equal((await replay(server.trace)).difference, null);
  });

  it('in auth, names, events, codes and data is replaced or refused', async (t) => {
    const server = await serve(t);
    const { alice, bob, roomCode } = await duet(t, server);
    const mallory = join(t, server.transport, { auth: { token: half } });
    const refused = async (event, payload, code) =>
      assert.equal((await mallory.emitWithAck(event, payload)).error.code, code);
    await refused('session:create', { name: half }, 'invalid_payload');
    await refused('session:create', { name: 'M', instrument: half }, 'invalid_payload');
    await refused('session:join', { name: 'M', roomCode: half }, 'invalid_payload');
    await refused('session:event', { type: half }, 'invalid_payload');
    mallory.emit(half, half);
    assert.ok((await mallory.emitWithAck('session:join', { name: 'Mallory', roomCode })).ok);
    mallory.emit('session:event', { type: 'text', data: { [half]: half } });
    await next(bob, 'session:event');
    mallory.io.engine.write(half);
    await next(mallory, 'disconnect');
    assert.ok(alice.connected && bob.connected);
    assert.equal((await replay(server.trace)).difference, null);
  });
});

describe('A query that cannot be written', () => {
  it('is an error of the client who has it', async (t) => {
    const server = await serve(t);
    const { alice } = await duet(t, server);
    const broken = {
      toString() {
        throw new Error('no words for it');
      },
    };
    for (const value of [broken, Object.create(null)]) {
      const socket = join(t, server.transport, { query: { value }, reconnection: false });
      const error = await next(socket, 'connect_error');
      assert.match(error.message, /the query cannot be written as text/);
      assert.ok(error.context instanceof Error);
    }
    await next(join(t, server.transport, { query: { value: Symbol('s'), n: null } }), 'connect');
    assert.ok(alice.connected);
  });
});

describe('A line that the server cannot read', () => {
  // The package makes every text valid before this. Here the test simulates a bug in it.
  it('costs its connection, and not the server', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob, roomCode } = await duet(t, server);
    const { Machine } = await import(
      pathToFileURL(project.path('node_modules/downbeat-server/dist/machine.js'))
    );
    const { step } = Machine.prototype;
    t.after(() => (Machine.prototype.step = step));
    Machine.prototype.step = function (line) {
      return step.call(this, line.includes('poison') ? `${line} and more` : line);
    };
    const uncaught = await uncaughtIn(2, async () => {
      const left = next(alice, 'session:user-left');
      const gone = next(bob, 'disconnect');
      bob.emit('poison');
      assert.equal(await gone, 'transport close');
      await left;
      const late = join(t, server.transport, { query: { poison: 1 }, reconnection: false });
      assert.match((await next(late, 'connect_error')).message, /the connection was lost/);
      await server.advance(0);
    });
    assert.equal(uncaught.length, 2);
    await connected(bob);
    assert.ok((await bob.emitWithAck('session:join', { roomCode, name: 'Bob' })).ok);
    assert.equal((await replay(server.trace)).difference, null);
  });
});

// Ends of connections on links that are slow or unplugged, on virtual time: the scenes shared with
// the native server cannot test this.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { eventually } from '../e2e/support/patience.mjs';
import { uncaughtIn } from '../e2e/support/uncaught.mjs';
import { join, next, project, serve, serveVirtually } from './support/jam.mjs';

const once = { reconnection: false };

/** Everything that a client receives, with the server's time if there is a server. */
function listen(socket) {
  const heard = [];
  for (const event of ['connect', 'connect_error', 'disconnect']) {
    socket.on(event, () => heard.push(event));
  }
  socket.onAny((event) => heard.push(event));
  return heard;
}

/** Waits until as much has been received; a little later it is this, and no more. */
async function expectHeard(heard, expected) {
  await eventually(
    () => heard.length >= expected.length,
    () => `${expected}; there was ${heard}`,
  );
  // The client's own timers of no delay.
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(heard, expected);
}

describe('close()', () => {
  it('closes a client that has only begun to connect', async (t) => {
    for (const latencyMs of [0, 80]) {
      for (const start of [serve, serveVirtually]) {
        const server = await start(t);
        const link = server.createLink({ latencyMs });
        const alice = join(t, link.transport, once);
        const error = next(alice, 'connect_error');
        const heard = listen(alice);
        await server.close();
        assert.match((await error).message, /server (was shut down|refused the connection|closed)/);
        await expectHeard(heard, ['connect_error']);
      }
    }
  });

  it('closes a client at each moment of its handshake', async (t) => {
    const seen = new Set();
    for (let ms = 0; ms <= 45; ms += 5) {
      const server = await serveVirtually(t);
      const alice = join(t, server.createLink({ latencyMs: 10 }).transport, once);
      const heard = listen(alice);
      await server.advance(ms);
      await server.close();
      await eventually(
        () => /connect_error|disconnect/.test(heard),
        () => `the end after ${ms} ms; there was ${heard}`,
      );
      // Messages in flight arrive, and then the end, once.
      await expectHeard(heard, [...heard]);
      const ends = heard.filter((event) => event !== 'connect');
      assert.equal(ends.length, 1, `after ${ms} ms ${heard}`);
      assert.equal(heard.at(-1), ends[0]);
      assert.equal(alice.connected, false);
      seen.add(heard.join());
    }
    assert.deepEqual(seen, new Set(['connect_error', 'disconnect', 'connect,disconnect']));
  });

  it('closes a client whose handshake is held by an unplugged link', async (t) => {
    const server = await serveVirtually(t);
    const link = server.createLink({ latencyMs: 10 });
    const alice = join(t, link.transport, once);
    const heard = listen(alice);
    link.unplug();
    await server.advance(100);
    await server.close();
    await expectHeard(heard, ['connect_error']);
  });

  it('arrives after what was on the way, in order and once', async (t) => {
    const server = await serveVirtually(t);
    const link = server.createLink({ latencyMs: 50 });
    const alice = join(t, link.transport, once);
    await server.advance(200);
    const heard = listen(alice);
    alice.emit('session:create', { name: 'Alice' }, () => heard.push('ack'));
    alice.emit('session:update', { name: 'Ali' }, () => heard.push('ack'));
    await server.advance(60); // the server has answered, and that is on the way
    await server.close();
    assert.deepEqual(heard, ['session:created', 'ack', 'ack', 'disconnect']);
  });

  it('is all that arrives behind an unplugged link', async (t) => {
    const server = await serveVirtually(t);
    const alice = join(t, server.transport, once);
    await next(alice, 'connect');
    const heard = listen(alice);
    alice.emit('session:create', { name: 'Alice' });
    server.link.unplug();
    await server.advance(0);
    await server.close();
    await expectHeard(heard, ['disconnect']);
  });

  it('ends at once with a client that comes back without delay', async (t) => {
    const server = await serve(t);
    const alice = join(t, server.transport, once);
    await next(alice, 'connect');
    const heard = listen(alice);
    let left = 3;
    const comeBack = () => left-- > 0 && alice.connect();
    alice.on('disconnect', comeBack);
    alice.on('connect_error', comeBack);
    await server.close();
    await expectHeard(heard, ['disconnect', 'connect_error', 'connect_error', 'connect_error']);
  });
});

describe('A server that breaks down', () => {
  it('says where, and leaves no client without an end', async (t) => {
    const server = await serve(t);
    const sockets = [server.transport, server.createLink({ latencyMs: 60_000 }).transport];
    const [alice, late] = sockets.map((transport) => join(t, transport, once));
    await next(alice, 'connect');
    const { Machine } = await import(
      pathToFileURL(project.path('node_modules/downbeat-server/dist/machine.js'))
    );
    const { step } = Machine.prototype;
    t.after(() => (Machine.prototype.step = step));
    Machine.prototype.step = function (line) {
      if (line.includes('poison')) throw new WebAssembly.RuntimeError('unreachable');
      return step.call(this, line);
    };
    const uncaught = await uncaughtIn(1, async () => {
      const ends = [next(alice, 'disconnect'), next(late, 'connect_error')];
      alice.emit('poison', 'n'.repeat(10_000));
      assert.equal(await ends[0], 'transport close');
      assert.match((await ends[1]).message, /the server was shut down/);
    });
    assert.match(uncaught.join(), /broke down at: \d+ > text 1 .{0,300}$/);
    assert.throws(() => server.snapshot(), /the server is closed/);
    await server.close();
  });
});

describe('A connection', () => {
  it('gives nothing of itself to the next one', async (t) => {
    const server = await serveVirtually(t);
    const link = server.createLink({ latencyMs: 20 });
    const alice = join(t, link.transport);
    await server.advance(100);
    const heard = listen(alice);
    alice.emit('session:create', { name: 'Alice' });
    await server.advance(30); // the answer is on the way
    alice.disconnect().connect();
    await server.advance(200);
    assert.deepEqual(heard, ['disconnect', 'connect']);

    alice.emit('session:create', { name: 'Alice' });
    await server.advance(30);
    const again = next(alice.io, 'reconnect_attempt');
    link.drop();
    await server.advance(0);
    await again;
    await server.advance(200);
    // The session of the lost answer is there, and the new connection gets its state.
    const back = ['disconnect', 'connect', 'session:joined'];
    assert.deepEqual(heard, ['disconnect', 'connect', ...back]);
  });

  it('has each of its messages settle before the next one comes', async (t) => {
    const server = await serveVirtually(t);
    const alice = join(t, server.transport);
    await next(alice, 'connect');
    const order = [];
    // A client that waits for an answer must be able to add a listener for the next event.
    const wait = async () => {
      await alice.emitWithAck('session:create', { name: 'Alice' });
      await Promise.resolve().then(() => {});
      alice.once('error', () => order.push('heard'));
    };
    const waiting = wait();
    alice.emit('session:leave', {});
    await waiting;
    await server.advance(0);
    assert.deepEqual(order, ['heard']);
  });
});

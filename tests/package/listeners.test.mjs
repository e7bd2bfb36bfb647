// Listeners that throw, and listeners that use the server from within.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { uncaughtIn } from '../e2e/support/uncaught.mjs';
import { duet, join, next, replay, serve, serveVirtually } from './support/jam.mjs';

describe('A trace listener that throws', () => {
  it('is reported, and nothing else notices', async (t) => {
    const server = await serveVirtually(t);
    const lines = [];
    let mistakes = 0;
    const uncaught = await uncaughtIn(1, async () => {
      server.onTrace(() => {
        ++mistakes;
        throw new Error('a mistake');
      });
      server.onTrace((line) => lines.push(line));
      const { alice, bob } = await duet(t, server);
      const gone = Promise.all([alice, bob].map((socket) => next(socket, 'disconnect')));
      await server.advance(100);
      await server.close();
      await server.close();
      await gone;
    });
    assert.deepEqual(new Set(uncaught), new Set(['a mistake']));
    assert.equal(uncaught.length, mistakes);
    assert.deepEqual(lines, server.trace.slice(1));
    assert.equal((await replay(server.trace)).difference, null);
  });

  it('may do so in real time, and in the very last line', async (t) => {
    const server = await serve(t);
    const alice = join(t, server.transport, { reconnection: false });
    await next(alice, 'connect');
    const uncaught = await uncaughtIn(1, async () => {
      server.onTrace((line) => {
        if (/shutdown/.test(line)) throw new Error('too late');
      });
      const gone = next(alice, 'disconnect');
      await server.close();
      assert.equal(await gone, 'transport close');
    });
    assert.deepEqual(uncaught, ['too late']);
    assert.throws(() => server.snapshot(), /the server is closed/);
  });
});

describe('A trace listener', () => {
  it('may close the server, and gets all the lines of that afterwards', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob } = await duet(t, server);
    const gone = Promise.all([alice, bob].map((socket) => next(socket, 'disconnect')));
    const lines = [];
    const before = server.trace.length;
    let closing;
    server.onTrace((line) => {
      lines.push(line);
      if (!closing && / > text /.test(line)) closing = server.close();
    });
    server.onTrace((line) => assert.equal(line, lines.at(-1)));
    alice.emit('session:event', { type: 'note' });
    await gone;
    await closing;
    assert.deepEqual(lines, server.trace.slice(before));
    assert.equal((await replay(server.trace)).difference, null);
  });

  it('may make links, look, drop, listen, stop listening and advance', async (t) => {
    const server = await serveVirtually(t);
    const heard = [];
    let advanced;
    const stop = server.onTrace((line) => {
      heard.push(line);
      if (heard.length !== 3) return;
      assert.equal(server.snapshot().connections.length, 1);
      assert.ok(server.measure().memory_bytes > 0);
      server.createLink({ name: 'another' }).drop();
      server.onTrace((later) => heard.push(`again ${later}`));
      advanced = server.advance(10);
      stop();
    });
    const alice = join(t, server.transport);
    await next(alice, 'connect');
    await advanced;
    assert.equal(server.now, 10);
    assert.ok(
      heard.slice(3).length > 0 && heard.slice(3).every((line) => line.startsWith('again ')),
    );
    assert.deepEqual(
      heard.map((line) => line.replace('again ', '')),
      server.trace.slice(1, heard.length + 1),
    );
  });

  it('may be given twice, and each is stopped by itself', async (t) => {
    const server = await serveVirtually(t);
    let calls = 0;
    const listener = () => void ++calls;
    const [one] = [server.onTrace(listener), server.onTrace(listener)];
    one();
    one();
    await next(join(t, server.transport), 'connect');
    await server.advance(0);
    assert.equal(calls, server.trace.length - 1);
  });
});

describe("A client's listener", () => {
  it('may throw on the transport itself, and nobody else notices', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob } = await duet(t, server);
    const notes = [];
    bob.on('session:event', ({ data }) => notes.push(data));
    const uncaught = await uncaughtIn(2, async () => {
      alice.io.engine.on('packet', () => {
        throw new Error('alice at packet');
      });
      bob.once('disconnect', () => {
        throw new Error('bob at disconnect');
      });
      const replies = [1, 2].map((data) =>
        alice.emitWithAck('session:event', { type: 'note', data }),
      );
      await server.advance(0);
      await server.advance(30_000);
      assert.deepEqual(notes, [1, 2]);
      void Promise.allSettled(replies);
      await server.close();
    });
    assert.ok(uncaught.includes('alice at packet'));
    assert.ok(uncaught.includes('bob at disconnect'));
  });

  it('may advance, and close, from within', async (t) => {
    const server = await serveVirtually(t);
    const { alice, bob } = await duet(t, server);
    const times = [];
    const done = new Promise((resolve) => {
      bob.once('session:event', async () => {
        const [one, two] = [server.advance(5), server.advance(7)];
        await one;
        times.push(server.now);
        await two;
        times.push(server.now);
        await server.close();
        resolve();
      });
    });
    alice.emit('session:event', { type: 'note' });
    await server.advance(100);
    await done;
    assert.deepEqual(times, [105, 112]);
  });

  it('may close the server while time is advanced through', async (t) => {
    const server = await serveVirtually(t, { pingInterval: 1000 });
    const { alice } = await duet(t, server);
    let closing;
    alice.io.on('ping', () => (closing ??= server.close()));
    const gone = next(alice, 'disconnect');
    await server.advance(60_000);
    await closing;
    assert.equal(await gone, 'transport close');
    assert.throws(() => server.advance(1), /the server is closed/);
  });
});

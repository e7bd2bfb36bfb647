// Traces: what they hold, how much of it, and that they can be replayed.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

import { duet, join, next, replay, serve, serveVirtually } from './support/jam.mjs';

/** The trace of two clients on bad links that join, play, lose the connection and leave. */
async function play(t, options) {
  const server = await serveVirtually(t, options);
  const links = [
    server.createLink({ name: 'Alice', latencyMs: 20, jitterMs: 30 }),
    server.createLink({ name: 'Bob', latencyMs: 50, jitterMs: 100 }),
  ];
  const [alice, bob] = links.map((link) => join(t, link.transport, { reconnection: false }));
  let roomCode;
  alice.emit('session:create', { name: 'Alice' }, (reply) => ({ roomCode } = reply));
  await server.advance(500);
  bob.emit('session:join', { roomCode, name: 'Bob' });
  await server.advance(500);
  for (let beat = 0; beat < 20; ++beat) {
    alice.emit('session:event', { type: 'beat', data: Uint8Array.of(beat) });
    bob.emit('session:event', { type: 'beat', data: { beat } });
    await server.advance(17);
  }
  links[1].unplug();
  await server.advance(60_000);
  links[0].drop();
  await server.advance(10);
  return server;
}

const golden = new URL('../golden/', import.meta.url);

describe('Golden traces', async () => {
  for (const file of (await readdir(golden)).filter((name) => name.endsWith('.trace'))) {
    it(`agree with their replay: ${file}`, async () => {
      const found = await replay(await readFile(new URL(file, golden), 'utf8'));
      assert.equal(found.difference, null);
      assert.ok(found.inputs > 0);
    });
  }
});

describe('A trace', () => {
  it('is the same for the same seed and script', async (t) => {
    const [one, two, other] = [await play(t), await play(t), await play(t, { seed: 8 })];
    assert.ok(one.trace.length > 150);
    assert.deepEqual(two.trace, one.trace);
    assert.notDeepEqual(other.trace, one.trace);
  });

  it('agrees with its replay', async (t) => {
    const server = await play(t);
    const found = await replay(server.trace);
    assert.equal(found.difference, null);
    assert.match(found.digest, /^[0-9a-f]{16}$/);
    const inputs = server.trace.filter((line) => / > /.test(line)).length;
    assert.equal(found.inputs, inputs);
    assert.equal(found.inputs + found.outputs + 1, server.trace.length);
    assert.deepEqual(await replay(server.trace.join('\n')), found);
  });

  it('does not agree once it is changed', async (t) => {
    const server = await play(t);
    const forged = server.trace.join('\n').replace(/("name\\":\\")Bob/, '$1Eve');
    const { difference } = await replay(forged);
    assert.match(difference, /^line \d+: the trace says\n.*Bob.*\nbut the engine's output is\n.*Eve/);
    assert.match((await replay('nonsense')).difference, /^line 1: /);
  });

  it('is without guessable ids when there is no seed', async (t) => {
    const traces = [];
    for (let i = 0; i < 2; ++i) {
      const server = await serve(t, { time: 'virtual' });
      await next(join(t, server.transport), 'connect');
      traces.push(server.trace);
    }
    assert.notDeepEqual(traces[0], traces[1]);
    assert.equal((await replay(traces[0])).difference, null);
  });

  it('replays when the server has real time, and after its end', async (t) => {
    const server = await serve(t);
    const { alice } = await duet(t, server);
    alice.emit('session:event', { type: 'strange', data: '\u2028 \ud83c \0 "\\' });
    alice.io.engine.write('half a pair \ud83c');
    await next(alice, 'disconnect');
    await server.close();
    assert.match(server.trace.join('\n'), /half a pair \ufffd/);
    assert.equal((await replay(server.trace)).difference, null);
    assert.ok(server.trace.some((line) => line.endsWith('> shutdown')));
  });

  it('is given to listeners line by line', async (t) => {
    const server = await serveVirtually(t);
    const lines = [];
    const stop = server.onTrace((line) => lines.push(line));
    const { alice } = await duet(t, server);
    await server.advance(0);
    assert.deepEqual(lines, server.trace.slice(1));
    stop();
    alice.disconnect();
    await server.advance(0);
    assert.ok(lines.length < server.trace.length - 1);
  });

  it('keeps the newest that fits', async (t) => {
    const server = await serveVirtually(t, { traceLimit: 5000 });
    const { alice } = await duet(t, server);
    for (let i = 0; i < 3000; ++i) alice.emit('session:event', { type: 'note', data: i });
    await server.advance(0);
    const { trace } = server;
    assert.match(trace[0], /^downbeat trace 2 /);
    assert.match(trace[1], /^# /);
    assert.match(trace[2], / > /);
    assert.match(trace.at(-1), / < wait/);
    assert.ok(trace.join('\n').includes('2999'));
    const length = trace.slice(2).join('\n').length;
    assert.ok(length > 4500 && length <= 5000, `${length} characters`);
  });

  it('may be kept not at all', async (t) => {
    const server = await serveVirtually(t, { traceLimit: 0 });
    await duet(t, server);
    assert.equal(server.trace.length, 2);
  });
});

// Errors of callers, and the text of each error.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

import {
  createServer,
  join,
  next,
  project,
  replay,
  serve,
  serveVirtually,
} from './support/jam.mjs';

describe('A wrong option', () => {
  const otherModule = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const ofAnotherKind = [
    ['a number', 42, /takes an object/],
    ['an array', [], /takes an object/],
    ['null', null, /takes an object/],
    ['a function', () => {}, /takes an object of options, not a function/],
    [
      'an unknown one',
      { maxParticipant: 3 },
      /no option "maxParticipant"; there are .*maxParticipants/,
    ],
    [
      'an unknown one of another kind',
      { colour: 'red' },
      /no option "colour"|colour must be a number/,
    ],
    ['one that every object has', { toString: 5 }, /no option "toString"/],
    ['a seed of text', { seed: '7' }, /seed must be .*not "7"/],
    ['a seed that is not a number', { seed: NaN }, /seed must be .*not NaN/],
    ['a seed that is null', { seed: null }, /seed must be .*not null/],
    ['an unknown time', { time: 'fake' }, /time must be "real" or "virtual", not "fake"/],
    ['a time that is a symbol', { time: Symbol('t') }, /time must be .*, not Symbol\(t\)/],
    ['a time without a prototype', { time: Object.create(null) }, /time must be .*, not an object/],
    ['a limit of text', { maxPayload: '1000' }, /maxPayload must be a number/],
    ['a limit that is null', { maxPayload: null }, /maxPayload must be a number, not null/],
    ['a limit that is not a number', { maxSessions: NaN }, /maxSessions must be a number/],
    ['a limit that is a BigInt', { maxSessions: 5n }, /maxSessions must be a number/],
    ['a traceLimit of text', { traceLimit: 'all' }, /traceLimit must be a number/],
    ['a module of another kind', { wasm: 42 }, /wasm must be/],
    ['a module that is empty text', { wasm: '' }, /cannot be fetched from ""/],
    ['a module that is null', { wasm: null }, /wasm must be/],
    ['a module that is none', { wasm: Uint8Array.of(1, 2, 3) }, /is no WebAssembly module: /],
    ['a module of something else', { wasm: otherModule }, /another module than downbeat\.wasm/],
    ['a file that cannot be fetched', { wasm: 'file:///downbeat.wasm' }, /give its bytes/],
    ['a URL of nothing', { wasm: 'data:nothing' }, /cannot be fetched from "data:nothing"/],
  ];
  const outOfRange = [
    ['a negative seed', { seed: -1 }, /seed must be/],
    ['half a seed', { seed: 0.5 }, /seed must be/],
    ['a seed beyond whole numbers', { seed: 2 ** 53 }, /seed must be/],
    ['an infinite seed', { seed: Infinity }, /seed must be/],
    ['a seed of 65 bits', { seed: 1n << 64n }, /seed must be/],
    ['a negative BigInt for a seed', { seed: -1n }, /seed must be/],
    ['half a limit', { maxParticipants: 2.5 }, /maxParticipants must be a whole number/],
    ['a negative limit', { maxParticipants: -1 }, /maxParticipants must be a finite number/],
    ['an infinite limit', { maxSessions: Infinity }, /maxSessions must be a finite number/],
    ['a limit beyond all bounds', { maxSessions: 1e300 }, /maxSessions must be/],
    ['an interval of nothing', { pingInterval: 0 }, /pingInterval must be a whole number from 1/],
    ['a heartbeat beyond timers', { pingInterval: 2 ** 31 - 1, pingTimeout: 1 }, /together/],
    ['a negative traceLimit', { traceLimit: -1 }, /traceLimit must be/],
  ];
  const wrong = [
    ...ofAnotherKind.map((row) => [...row, TypeError]),
    ...outOfRange.map((row) => [...row, RangeError]),
  ];
  for (const [title, options, message, kind] of wrong) {
    it(`is refused: ${title}`, async () => {
      await assert.rejects(
        () => createServer(options),
        (error) => {
          assert.ok(error instanceof kind, error.stack);
          assert.match(error.message, /^downbeat: /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('is refused for links', async (t) => {
    const server = await serve(t);
    const refused = (options, name, message) =>
      assert.throws(() => server.createLink(options), { name, message });
    refused({ latency: 5 }, 'TypeError', /a link has no "latency"; it has name, latencyMs/);
    refused({ jitterMs: '5' }, 'TypeError', /jitterMs must be a number, not "5"/);
    refused({ loss: null }, 'TypeError', /loss must be a number, not null/);
    refused({ name: '' }, 'TypeError', /name must be a string/);
    refused({ name: 7 }, 'TypeError', /name must be a string with something in it, not 7/);
    refused({ name: 'A\ud800' }, 'TypeError', /half a surrogate pair in it: "A\\ud800"/);
    refused({ name: '\udc00' }, 'TypeError', /half a surrogate pair/);
    refused('Alice', 'TypeError', /takes an object/);
    refused(null, 'TypeError', /takes an object/);
    for (const latencyMs of [-1, Infinity, -Infinity, 2 ** 31]) {
      refused({ latencyMs }, 'RangeError', /latencyMs must be a number from 0 to 2147483647, not /);
    }
    refused({ jitterMs: -0.5 }, 'RangeError', /jitterMs must be a number from 0 to/);
    refused({ loss: 1.5 }, 'RangeError', /loss must be a number from 0 to 1, not 1.5/);

    const { link } = server;
    link.latencyMs = 3;
    assert.throws(() => (link.latencyMs = NaN), TypeError);
    assert.throws(() => (link.latencyMs = 1e300), RangeError);
    assert.throws(() => (link.loss = -1), RangeError);
    assert.deepEqual([link.latencyMs, link.jitterMs, link.loss], [3, 0, 0], 'nothing has changed');
    server.createLink({ name: '🎷 at home' });
  });
});

describe('A wrong call', () => {
  it('is refused: advancing', async (t) => {
    const [real, virtual] = [await serve(t), await serveVirtually(t)];
    assert.throws(() => real.advance(5), /createServer\(\{ time: "virtual" \}\)/);
    for (const ms of ['5', NaN, null, undefined, {}, 5n]) {
      assert.throws(() => virtual.advance(ms), { name: 'TypeError', message: /^downbeat: / });
    }
    for (const ms of [-5, 0.5, Infinity, -Infinity, 2 ** 43, 2 ** 42, Number.MAX_VALUE]) {
      assert.throws(() => virtual.advance(ms), { name: 'RangeError', message: /^downbeat: / });
    }
    assert.equal(virtual.now, 0);
    // To the end of its time, and not a millisecond further; the server works on there.
    const alice = join(t, virtual.transport);
    await next(alice, 'connect');
    alice.disconnect();
    await virtual.advance(2 ** 42 - 2);
    const first = virtual.advance(1);
    assert.throws(() => virtual.advance(1), /time ends at 4398046511103 ms/);
    await first;
    assert.equal(virtual.now, 2 ** 42 - 1);
    await virtual.advance(0);
    assert.equal((await join(t, virtual.transport).emitWithAck('session:leave', {})).ok, false);
  });

  it('is refused: making a transport oneself', async (t) => {
    const server = await serve(t);
    assert.throws(() => new server.transport(), /downbeat: a transport is for the client to make/);
    assert.throws(() => new server.transport({}), TypeError);
  });

  it('is refused: listening with nothing', async (t) => {
    const server = await serve(t);
    assert.throws(() => server.onTrace(), TypeError);
  });

  it('is refused: replaying what is no trace', async () => {
    for (const trace of [42, undefined, null, {}, [1], ['downbeat trace 2 {}', null]]) {
      await assert.rejects(() => replay(trace), { name: 'TypeError', message: /takes a trace/ });
    }
  });

  it('is refused: using a server that is closed', async (t) => {
    const server = await serveVirtually(t);
    await server.close();
    await server.close();
    for (const use of [() => server.snapshot(), () => server.measure(), () => server.advance(5)]) {
      assert.throws(use, /the server is closed; make a new one/);
    }
    assert.match((await next(join(t, server.transport), 'connect_error')).message, /closed/);
  });

  it('leaves the class of transports to the client, which refuses a mixture', async (t) => {
    const server = await serve(t);
    assert.throws(() => join(t, [server.transport, 'websocket'].reverse()), TypeError);
    assert.throws(
      () => join(t, server.transport, { transports: [server.transport, 'websocket'] }),
      TypeError,
    );
  });
});

describe('The options', () => {
  it('are in force, and can be read', async (t) => {
    const server = await serve(t, { maxParticipants: 1, pingInterval: undefined });
    assert.equal(server.settings.maxParticipants, 1);
    assert.equal(server.settings.pingInterval, 25000);
    const { roomCode } = await join(t, server.transport).emitWithAck('session:create', {
      name: 'Alice',
    });
    const reply = await join(t, server.transport).emitWithAck('session:join', {
      roomCode,
      name: 'Bob',
    });
    assert.equal(reply.error.code, 'session_full');
  });

  it('take the module from elsewhere', async (t) => {
    const bytes = await readFile(project.path('node_modules/downbeat-server/downbeat.wasm'));
    const module = await WebAssembly.compile(bytes);
    const response = new Response(bytes, { headers: { 'content-type': 'application/wasm' } });
    const untyped = new Response(bytes);
    const url = `data:application/wasm;base64,${bytes.toString('base64')}`;
    for (const wasm of [
      bytes,
      module,
      response,
      untyped,
      Promise.resolve(module),
      url,
      new URL(url),
    ]) {
      const server = await serve(t, { wasm });
      await next(join(t, server.transport), 'connect');
    }
    const missing = new Response('', { status: 404 });
    await assert.rejects(() => createServer({ wasm: missing }), /404/);
  });

  it('need the module where it is not built in', async (t) => {
    const slim = await project.import('downbeat-server/slim');
    await assert.rejects(() => slim.createServer(), /wasm: fetch/);
    await assert.rejects(() => slim.replay('downbeat trace 2 {}'), /wasm: fetch/);
    const wasm = await readFile(project.path('node_modules/downbeat-server/downbeat.wasm'));
    const server = await slim.createServer({ wasm });
    await next(join(t, server.transport), 'connect');
    assert.equal((await slim.replay(server.trace, { wasm })).difference, null);
    await server.close();
  });
});

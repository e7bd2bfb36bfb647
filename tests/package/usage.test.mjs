// What a caller can do wrong, and what the error says then.
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
  const wrong = [
    ['a number', 42, /takes an object/],
    ['an array', [], /takes an object/],
    ['null', null, /takes an object/],
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
    ['a negative seed', { seed: -1 }, /seed must be/],
    ['half a seed', { seed: 0.5 }, /seed must be/],
    ['a seed of text', { seed: '7' }, /seed must be .*not "7"/],
    ['a seed of 65 bits', { seed: 1n << 64n }, /seed must be/],
    ['an unknown time', { time: 'fake' }, /time must be "real" or "virtual", not "fake"/],
    ['a limit of text', { maxPayload: '1000' }, /maxPayload must be a number/],
    ['half a limit', { maxParticipants: 2.5 }, /maxParticipants must be a whole number/],
    ['a limit that is not a number', { maxSessions: NaN }, /maxSessions must be a number/],
    ['an interval of nothing', { pingInterval: 0 }, /pingInterval must be a whole number from 1/],
    ['a heartbeat beyond timers', { pingInterval: 2 ** 31 - 1, pingTimeout: 1 }, /together/],
    ['a negative traceLimit', { traceLimit: -1 }, /traceLimit must be/],
    ['a module of another kind', { wasm: 42 }, /wasm must be/],
    ['a file that cannot be fetched', { wasm: 'file:///downbeat.wasm' }, /give its bytes/],
  ];
  for (const [title, options, message] of wrong) {
    it(`is refused: ${title}`, async () => {
      await assert.rejects(
        () => createServer(options),
        (error) => {
          assert.ok(error instanceof TypeError, error.stack);
          assert.match(error.message, /^downbeat: /);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('is refused for links', async (t) => {
    const server = await serve(t);
    const refused = (options, message) =>
      assert.throws(() => server.createLink(options), { name: 'TypeError', message });
    refused({ latency: 5 }, /a link has no "latency"; it has name, latencyMs/);
    refused({ latencyMs: -1 }, /latencyMs must be a number of at least 0, not -1/);
    refused({ jitterMs: '5' }, /jitterMs must be a number/);
    refused({ loss: 1.5 }, /loss must be from 0 to 1/);
    refused({ name: '' }, /name must be a string/);
    refused('Alice', /takes an object/);
    assert.throws(() => (server.link.latencyMs = NaN), TypeError);
  });
});

describe('A wrong call', () => {
  it('is refused: advancing', async (t) => {
    const [real, virtual] = [await serve(t), await serveVirtually(t)];
    assert.throws(() => real.advance(5), /createServer\(\{ time: "virtual" \}\)/);
    assert.throws(() => virtual.advance(-5), TypeError);
    assert.throws(() => virtual.advance('5'), TypeError);
    assert.throws(() => virtual.advance(0.5), TypeError);
  });

  it('is refused: listening with nothing', async (t) => {
    const server = await serve(t);
    assert.throws(() => server.onTrace(), TypeError);
  });

  it('is refused: replaying what is no trace', async () => {
    await assert.rejects(() => replay(42), TypeError);
    await assert.rejects(() => replay(), TypeError);
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
    const bytes = await readFile(project.path('node_modules/downbeat/downbeat.wasm'));
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
    const slim = await project.import('downbeat/slim');
    await assert.rejects(() => slim.createServer(), /wasm: fetch/);
    const wasm = await readFile(project.path('node_modules/downbeat/downbeat.wasm'));
    const server = await slim.createServer({ wasm });
    await next(join(t, server.transport), 'connect');
    assert.equal((await slim.replay(server.trace, { wasm })).difference, null);
    await server.close();
  });
});

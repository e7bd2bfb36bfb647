// Queries and commands of an operator.
import assert from 'node:assert/strict';
import { join as joined } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

import { duet, join, next, replay, serve, serveVirtually } from './support/jam.mjs';
import { built } from './support/project.mjs';

async function create(t, server) {
  const socket = join(t, server.transport);
  const { roomCode } = await new Promise((resolve) => {
    socket.emit('session:create', { name: 'Alice' }, resolve);
  });
  return { socket, roomCode };
}

describe('An operator', () => {
  it('reads a list page by page', async (t) => {
    const server = await serve(t);
    const codes = [];
    for (let i = 0; i < 7; ++i) codes.push((await create(t, server)).roomCode);
    const seen = [];
    let page;
    do {
      page = server.query({ query: 'sessions', limit: 3, after: page?.next });
      assert.equal(page.ok, true);
      assert.ok(page.items.length <= 3);
      seen.push(...page.items);
    } while (page.next !== undefined);
    assert.deepEqual(
      seen.map(({ roomCode }) => roomCode),
      codes,
    );
    assert.ok(seen.every(({ participants }) => participants === 1));
    assert.equal(server.query({ query: 'connections' }).items.length, 7);
  });

  it('closes a session, and its members are disconnected', async (t) => {
    const server = await serve(t);
    const { socket, roomCode } = await create(t, server);
    const [who] = server.query({ query: 'participants', roomCode }).items;
    assert.deepEqual(who, { id: socket.id, name: 'Alice', instrument: 'unknown', place: 1 });
    const gone = next(socket, 'disconnect');
    assert.deepEqual(server.operate({ command: 'close_session', roomCode }), {
      ok: true,
      disconnected: 1,
    });
    assert.equal(await gone, 'io server disconnect');
    assert.deepEqual(server.snapshot().sessions, []);
    assert.equal(server.operate({ command: 'close_session', roomCode }).error.code, 'not_found');
  });

  it('disconnects a participant, and the others stay', async (t) => {
    const server = await serve(t);
    const { alice, bob } = await duet(t, server);
    const left = next(alice, 'session:user-left');
    const gone = next(bob, 'disconnect');
    const participantId = bob.id;
    server.operate({ command: 'disconnect_participant', participantId });
    assert.deepEqual(await left, { userId: participantId });
    assert.equal(await gone, 'io server disconnect');
    assert.ok(alice.connected);
  });

  it('gets an error for a wrong request, and nothing has happened', async (t) => {
    const server = await serve(t);
    const before = server.measure().sessions;
    for (const wrong of [undefined, null, 7, 'sessions', [], {}, { query: 'songs' }]) {
      assert.equal(server.query(wrong).error.code, 'invalid_request');
      assert.equal(server.operate(wrong).error.code, 'invalid_request');
    }
    assert.match(
      server.query({ query: 'sessions', limit: 0 }).error.message,
      /^limit must be a whole number from 1 to 1000$/,
    );
    assert.match(server.query({ query: 'sessions', after: 'x' }).error.message, /after must be/);
    assert.equal(server.measure().sessions, before);
    await server.close();
    assert.throws(() => server.query({ query: 'sessions' }), /the server is closed/);
  });

  it('is in the trace, which replays', async (t) => {
    const server = await serveVirtually(t);
    const { bob } = await duet(t, server);
    server.query({ query: 'sessions' });
    server.operate({ command: 'disconnect_participant', participantId: bob.id });
    await server.advance(0);
    assert.ok(server.trace.some((line) => / > query 1 /.test(line)));
    assert.ok(server.trace.some((line) => / < answer 2 \{"ok":true,"disconnected":1\}$/.test(line)));
    assert.equal((await replay(server.trace)).difference, null);
  });
});

describe('The wall clock', () => {
  const clocks = (server) => server.trace.filter((line) => line.includes(' > clock '));

  it('is an input first, and once a minute before what happens then', async (t) => {
    const server = await serveVirtually(t);
    await next(join(t, server.transport), 'connect');
    await server.advance(150_000);
    const told = clocks(server);
    assert.equal(server.trace[1], told[0]);
    assert.equal(told[0], `0 > clock ${Date.UTC(2026, 0, 1)}`);
    assert.equal(told.length, 3);
    for (const line of told) {
      const [now, , , wall] = line.split(' ').map(Number);
      assert.equal(wall - now, Date.UTC(2026, 0, 1));
    }
  });

  it('shows the time of day', async (t) => {
    const server = await serve(t);
    server.query({ query: 'sessions' });
    const [line, ...more] = clocks(server);
    assert.deepEqual(more, []);
    assert.ok(Math.abs(Number(line.split(' ')[3]) - Date.now()) < 60_000);
  });

  it('is an input again when it is set, but not when it only drifts', async () => {
    const { WallWatch } = await import(pathToFileURL(joined(built, 'dist/clock.js')).href);
    const clock = { now: 0, wallTime: 1_764_357_640_000 };
    const watch = new WallWatch(clock);
    const at = (now, wallTime) => Object.assign(clock, { now, wallTime }) && watch.look();
    assert.equal(watch.look(), 1_764_357_640_000);
    assert.equal(watch.look(), undefined);
    assert.equal(at(30_000, 1_764_357_670_900), undefined);
    assert.equal(at(31_000, 1_764_361_271_000), 1_764_361_271_000); // an hour later
    assert.equal(at(32_000, 1_764_361_272_000), undefined);
    assert.equal(at(33_000, 1_764_357_673_000), 1_764_357_673_000); // and back
    assert.equal(at(92_999, 1_764_357_732_999), undefined);
    assert.equal(at(93_000, 1_764_357_733_000), 1_764_357_733_000);
  });
});

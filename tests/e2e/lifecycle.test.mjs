// How the server starts, refuses to start, ends, and is missed and found again.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { band, participant } from './scenarios/band.mjs';
import { connect, ways } from './support/client.mjs';
import { within } from './support/patience.mjs';
import { httpRequest } from './support/raw.mjs';
import { run, Server } from './support/server.mjs';
import { theatre } from './support/theatre.mjs';

describe('Start', () => {
  const refused = {
    'an unknown option': ['serve', '--no-such-option'],
    'an unknown command': ['perform'],
    'a port that is no number': ['serve', '--port', 'three'],
    'a port that is out of range': ['serve', '--port', '65536'],
    'a limit below zero': ['serve', '--max-participants', '-1'],
    'an option without its value': ['serve', '--port'],
    'an unknown log format': ['serve', '--port', '0', '--log-format', 'opera'],
  };
  for (const [what, args] of Object.entries(refused)) {
    it(`Is refused for ${what}, in one line`, async () => {
      const { code, stdout, stderr } = await run(...args);
      assert.notEqual(code, 0);
      assert.match(stderr, /^\S.*\n$/, 'one line on stderr');
      assert.doesNotMatch(stdout, /listening/);
    });
  }

  it('Is refused for a port in use, in one line that names it', async () => {
    const server = await Server.start();
    try {
      const port = String(server.port);
      const second = await run('serve', '--host', '127.0.0.1', '--port', port);
      assert.notEqual(second.code, 0);
      assert.match(second.stderr, /^\S.*\n$/, 'one line on stderr');
      assert.ok(second.stderr.includes(port));
      assert.equal((await httpRequest(`${server.url}/healthz`)).status, 200);
    } finally {
      await server.stop();
    }
  });

  it('Without --host, the server answers on localhost', async () => {
    const server = await Server.startWith('serve', '--port', '0');
    try {
      assert.match(
        server.log,
        new RegExp(`^downbeat listening on ${server.scheme}://localhost:${server.port}$`, 'm'),
      );
      assert.equal((await httpRequest(`${server.url}/healthz`)).status, 200);
    } finally {
      await server.stop();
    }
  });
});

describe('End', () => {
  for (const way of ways) {
    it(`SIGTERM disconnects clients on ${way.name}, and ends the process with 0`, async () => {
      const server = await Server.start();
      const clients = [];
      try {
        for (let i = 0; i < 3; ++i) {
          clients.push(await connect(server.url, way, { reconnection: false }));
        }
        await clients[0].request('session:create', { name: 'Alice' });

        const end = server.stop();
        const reasons = await Promise.all(clients.map((client) => client.until('disconnect')));
        // Not "io server disconnect": after that a stock client would not come back.
        for (const reason of reasons) assert.match(reason, /^transport (close|error)$/);
        assert.deepEqual(await end, { code: 0, signal: null });
      } finally {
        clients.forEach((client) => client.close());
        await server.stop();
      }
    });

    it(`After a restart, clients on ${way.name} are back and create again`, async () => {
      let server = await Server.start();
      const client = await connect(server.url, way);
      try {
        const before = await client.request('session:create', { name: 'Alice' });
        await server.stop();
        await client.until('disconnect');

        server = await Server.startOn(server.port);
        await client.until('connect');
        assert.notEqual(client.id, before.userId);
        const created = await client.request('session:create', { name: 'Alice' });
        assert.equal(created.ok, true);
        assert.equal(created.userId, client.id);
      } finally {
        client.close();
        await server.stop();
      }
    });
  }
});

describe('Clients that are lost', () => {
  const { everyWay } = theatre();

  everyWay('A browser that crashes keeps its seat', async (stage) => {
    const { alice, user, roomCode, left } = await crash(stage);
    assert.deepEqual(left, { userId: user.id, away: true, graceMs: 120_000 });

    const carol = await stage.connect();
    const { participants, away } = await carol.request('session:join', { roomCode, name: 'Carol' });
    assert.deepEqual(participants, [participant(alice, 'Alice'), participant(carol, 'Carol')]);
    const [{ graceMs, ...bob }] = away;
    assert.deepEqual(bob, user);
    assert.ok(graceMs > 0 && graceMs <= 120_000, String(graceMs));
  });
});

describe('Clients that are lost, without kept seats', () => {
  const { everyWay } = theatre('--reconnect-grace', '0');

  everyWay('A browser that crashes leaves its session', async (stage) => {
    const { alice, user, roomCode, left } = await crash(stage);
    assert.deepEqual(left, { userId: user.id });

    const carol = await stage.connect();
    const joined = await carol.request('session:join', { roomCode, name: 'Carol' });
    assert.deepEqual(joined.participants, [participant(alice, 'Alice'), participant(carol, 'Carol')]);
    assert.equal(joined.away, undefined);
  });
});

/** Alice's session, and what she hears when the process of another member is killed. */
async function crash({ connect, logged, url, way }) {
  const { roomCode, members } = await band(connect, 'Alice');
  const [alice] = members;
  const bob = await startClientProcess(url, way, roomCode);
  const { user } = await alice.until('session:user-joined');
  bob.kill('SIGKILL');
  // If it dies just between two polls, only the heartbeat notices it, after 45 s.
  const left = await alice.until('session:user-left', 90_000);
  await logged('client disconnected', user.id);
  return { alice, user, roomCode, left };
}

/** Has a process of its own join the session, and stay there until it is killed. */
async function startClientProcess(url, way, roomCode) {
  const script = fileURLToPath(new URL('support/client-process.mjs', import.meta.url));
  const args = [script, url, JSON.stringify(way.options), roomCode];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const joined = new Promise((resolve) => child.stdout.once('data', resolve));
  await within(joined, () => 'the process to join');
  return child;
}

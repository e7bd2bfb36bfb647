// What an operator does with the folder of --data: look, check, copy, replace the server.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';

import { Client, ways } from './support/client.mjs';
import { duo, soon } from './support/seats.mjs';
import { Server, binary, environment, run } from './support/server.mjs';
import { ServiceManager } from './support/service_manager.mjs';

const [, overWebSocket] = ways;
const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
after(() => rmSync(folder, { recursive: true }));

function member(url) {
  return new Client(io(url, { ...overWebSocket.options, ...soon, forceNew: true }));
}

/** Alice and Bob in a session. */
async function session(url) {
  const [alice, bob] = [member(url), member(url)];
  return { roomCode: await duo(alice, bob), alice, bob };
}

describe('downbeat sessions, check and backup', () => {
  it('ask a server that runs, and read the folder of one that does not', async () => {
    const data = join(folder, 'operated');
    const server = await Server.start('--data', data);
    const { roomCode, alice, bob } = await session(server.url);
    try {
      const listed = `${roomCode}  2 members: Alice, Bob\n1 session, 2 members\n`;
      const well = 'no faults in 1 session with 2 members\n';
      const copy = join(folder, 'copy.db');
      const first = await run('sessions', data);
      assert.deepEqual([first.code, first.stdout, first.stderr], [0, listed, '']);
      assert.equal((await run('check', data)).stdout, well);
      assert.deepEqual((await run('backup', data, copy)).code, 0);
      assert.equal(statSync(copy).mode & 0o777, 0o600);
      assert.equal(statSync(join(data, 'control')).mode & 0o777, 0o600);
      const again = await run('backup', data, copy);
      assert.equal(again.code, 1);
      assert.match(again.stdout, /exists already/);

      await server.stop();
      assert.equal(existsSync(join(data, 'control')), false);
      assert.equal((await run('sessions', data)).stdout, listed);
      assert.equal((await run('check', data)).stdout, well);

      // The copy is a journal like any other.
      const restored = join(folder, 'restored');
      mkdirSync(restored);
      copyFileSync(copy, join(restored, 'sessions.db'));
      assert.equal((await run('sessions', restored)).stdout, listed);
      const other = await Server.start('--data', restored);
      await other.logged('sessions are kept', 'restored=1');
      await other.stop();
    } finally {
      alice.close();
      bob.close();
    }
  });

  // As version 1 has left it when it was killed: snapshots, a log, and what was in the write-ahead log only.
  it('read what a server of the first version has written', async () => {
    const data = join(folder, 'golden');
    cpSync(fileURLToPath(new URL('golden/sessions-1', import.meta.url)), data, { recursive: true });
    const listed = 'FRET-53  2 members: Alice, Robert\nSONG-55  1 member: Dora (away)\n2 sessions, 3 members\n';
    assert.equal((await run('sessions', data)).stdout, listed);
    assert.equal((await run('check', data)).code, 0);
    const server = await Server.start('--data', data);
    await server.logged('sessions are kept', 'restored=2');
    const eve = member(server.url);
    try {
      await eve.until('connect');
      assert.equal((await eve.request('session:join', { roomCode: 'fret 53', name: 'Eve' })).ok, true);
      const { participants, away } = await eve.until('session:joined');
      assert.deepEqual(
        [participants, away].map((list) => list.map(({ name, instrument }) => `${name}, ${instrument}`)),
        [['Eve, unknown'], ['Alice, drums', 'Robert, unknown']],
      );
    } finally {
      eve.close();
      await server.stop();
    }
  });

  it('say what is wrong with their arguments, and touch nothing', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    for (const command of ['sessions', 'check']) {
      assert.equal((await run(command)).code, 2, command);
      assert.equal((await run(command, '--all')).code, 2, command);
      const { code, stderr } = await run(command, empty);
      assert.equal(code, 4);
      assert.match(stderr, /has no sessions\.db/);
      assert.equal(existsSync(join(empty, 'sessions.db')), false);
      assert.equal((await run(command, '--help')).code, 0);
    }
    assert.equal((await run('backup', empty)).code, 2);
  });
});

describe('A service manager that owns the port', () => {
  it('replaces the server: nobody is refused, and everybody is back in the seat', async () => {
    const manager = await ServiceManager.create();
    const data = join(folder, 'deployed');
    let clients = [];
    try {
      let pid = await manager.start('--data', data);
      const { roomCode, alice, bob } = await session(manager.url);
      clients = [alice, bob];
      const ids = [alice.socket.id, bob.socket.id];
      for (let deploy = 0; deploy < 2; ++deploy) {
        const heard = alice.transcript.length;
        await manager.stop(pid);
        assert.equal((await alice.until('server:closing')).resumes, true);
        // There is no server, and yet a client is not refused.
        const early = connectTcp(manager.port, '127.0.0.1');
        await once(early, 'connect');
        early.write('GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
        pid = await manager.start('--data', data);
        const [answer] = await once(early.setEncoding('utf8'), 'data');
        assert.match(answer, /^HTTP\/1\.1 200 /);
        for (const one of [alice, bob]) {
          const joined = await one.until('session:joined');
          assert.deepEqual([joined.roomCode, joined.resumed, one.socket.recovered], [roomCode, true, true]);
        }
        assert.deepEqual([alice.socket.id, bob.socket.id], ids);
        assert.ok(alice.transcript.length > heard);
      }
      await manager.stop(pid);
    } finally {
      clients.forEach((one) => one.close());
      await manager.close();
    }
  });

  it('gets a clear error when what it passes on is no socket that listens', async () => {
    const server = spawn('bash', ['-c', 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" serve --port 0 3</dev/null', binary], {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    server.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    const [code] = await once(server, 'close');
    assert.equal(code, 1);
    assert.match(stderr, /file descriptor 3 of LISTEN_FDS is no TCP socket that listens/);
  });
});

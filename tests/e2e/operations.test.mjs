// What an operator does to a server that runs: ends it, changes its limits, gives it too few files.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { band } from './scenarios/band.mjs';
import { connect, ways } from './support/client.mjs';
import { eventually, within } from './support/patience.mjs';
import { handshakeStatus, httpRequest, RawPeer, RawPolling } from './support/raw.mjs';
import { Server } from './support/server.mjs';

const [, overWebSocket] = ways;

describe('Draining', () => {
  for (const way of ways) {
    it(`Nothing new begins, and the last session ends it, over ${way.name}`, async () => {
      const server = await Server.start('--drain-timeout', '600000');
      const clients = [];
      const enter = async () => {
        clients.push(await connect(server.url, way, { reconnection: false }));
        return clients.at(-1);
      };
      try {
        const { roomCode, members } = await band(enter, 'Alice', 'Bob');
        const [alice, bob] = members;
        const carol = await enter();
        assert.equal((await httpRequest(`${server.url}/readyz`)).status, 200);

        const end = server.stop();
        for (const client of clients) {
          assert.deepEqual(await client.until('server:closing'), {
            reason: 'server shutting down',
            withinMs: 600_000,
          });
        }
        assert.equal((await httpRequest(`${server.url}/readyz`)).status, 503);
        assert.match((await httpRequest(`${server.url}/healthz`)).body, /"stopping"/);
        assert.match((await httpRequest(`${server.url}/metrics`)).body, /^downbeat_sessions 1$/m);
        assert.notEqual(await handshakeStatus(server.url), 101);
        const created = await carol.request('session:create', { name: 'Carol' });
        assert.equal(created.error.code, 'shutting_down');

        // The jam goes on, and may even grow.
        alice.emit('session:event', { type: 'note' });
        await bob.until('session:event');
        assert.equal((await carol.request('session:join', { roomCode, name: 'Carol' })).ok, true);

        for (const client of clients) await client.request('session:leave', { roomCode });
        for (const client of clients) {
          assert.match(await client.until('disconnect'), /^transport (close|error)$/);
        }
        assert.deepEqual(await end, { code: 0, signal: null });
      } finally {
        clients.forEach((client) => client.close());
        await server.stop();
      }
    });
  }

  it('Ends in time, though clients still play', async () => {
    const server = await Server.start('--drain-timeout', '300');
    const alice = await connect(server.url, overWebSocket, { reconnection: false });
    try {
      await alice.request('session:create', { name: 'Alice' });
      const end = server.stop();
      await alice.until('server:closing');
      assert.match(await alice.until('disconnect'), /^transport close$/);
      assert.deepEqual(await end, { code: 0, signal: null });
    } finally {
      alice.close();
      await server.stop();
    }
  });
});

describe('SIGHUP', () => {
  // In each case a client does not read, and never closes the connection.
  const stallings = [
    {
      name: 'polling',
      limit: 'polling_queued_bytes_in_all',
      async stall(url, roomCode) {
        const polling = await RawPolling.open(url);
        await polling.post('40');
        await polling.get();
        await polling.post(`42${JSON.stringify(['session:join', { roomCode, name: 'Bob' }])}`);
        return () => {};
      },
    },
    {
      name: 'a WebSocket',
      limit: 'queued_bytes_in_all',
      async stall(url, roomCode) {
        const peer = await RawPeer.join(url, 'websocket');
        await peer.request('session:join', { roomCode, name: 'Bob' });
        peer.engine.transport.ws._socket.pause();
        return () => peer.close();
      },
    },
  ];
  for (const { name, limit, stall } of stallings) {
    it(`Each event loop takes over its part of what may wait for all, over ${name}`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
      const file = join(folder, 'downbeat.conf');
      const bound = 1_200_000;
      writeFileSync(file, 'max-queued-bytes = 0\n');
      const server = await Server.start('--config', file, '--threads', '2');
      const alice = await connect(server.url, overWebSocket);
      let end = () => {};
      try {
        writeFileSync(file, `max-queued-bytes = 0\nmax-queued-bytes-in-all = ${bound}\n`);
        process.kill(server.pid, 'SIGHUP');
        await server.logged('limits reloaded', 'changes=1');
        const { roomCode } = await alice.request('session:create', { name: 'Alice' });
        end = await stall(server.url, roomCode);
        await alice.until('session:user-joined');
        // More than a half of the bound and all that a system keeps by itself, but not the whole.
        for (let i = 0; i < 100; ++i) {
          alice.emit('session:event', { type: 'note', data: 'x'.repeat(10_000) });
        }
        await alice.until('session:user-left');
        const { body } = await httpRequest(`${server.url}/metrics`);
        assert.match(body, new RegExp(`limit="${limit}"} 1\n`));
      } finally {
        end();
        alice.close();
        await server.stop();
        rmSync(folder, { recursive: true });
      }
    });
  }

  it('Takes over changed limits, names what cannot change, and stays as it is after a mistake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
    const file = join(folder, 'downbeat.conf');
    writeFileSync(file, 'max-participants = 2\nping-interval = 20000\n');
    const server = await Server.start('--config', file);
    const reload = async (text, ...parts) => {
      const before = server.lines(...parts).length;
      writeFileSync(file, text);
      process.kill(server.pid, 'SIGHUP');
      await eventually(
        () => server.lines(...parts).length > before,
        () => parts.join(' '),
      );
    };
    const clients = [];
    const enter = async () => {
      clients.push(await connect(server.url, overWebSocket));
      return clients.at(-1);
    };
    try {
      const { roomCode } = await band(enter, 'Alice', 'Bob');
      const carol = await enter();
      const join = () => carol.request('session:join', { roomCode, name: 'Carol' });
      assert.equal((await join()).error.code, 'session_full');

      await reload('max-participants = 3\nping-interval = 30000\n', 'limits reloaded', 'changes=1');
      await server.logged('limit changed', 'max-participants', 'from=2', 'to=3');
      await server.logged('option not changed', 'ping-interval');
      assert.equal((await join()).ok, true);

      await reload('max-participants = 10\nmax-participant = 7\n', 'limits not reloaded', 'max-participant');
      const dave = await enter();
      const reply = await dave.request('session:join', { roomCode, name: 'Dave' });
      assert.equal(reply.error.code, 'session_full');

      // Participants stay in their session when the limit is lowered below their number.
      await reload('max-participants = 1\nmax-connections = 4\n', 'limits reloaded');
      carol.emit('session:event', { type: 'note' });
      await clients[0].until('session:event');
      assert.equal((await httpRequest(`${server.url}/healthz`).catch(() => ({ status: 503 }))).status, 503);
    } finally {
      clients.forEach((client) => client.close());
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  });
});

describe('Out of file descriptors', () => {
  it('Accepting pauses, open connections are served, and it goes on when others close', async () => {
    const server = await Server.start();
    const alice = await connect(server.url, overWebSocket);
    const peers = [];
    try {
      const open = readdirSync(`/proc/${server.pid}/fd`).length;
      execFileSync('prlimit', ['--pid', String(server.pid), `--nofile=${open + 5}:${open + 5}`]);
      for (let i = 0; i < 20; ++i) {
        const socket = net.connect(server.port, '127.0.0.1');
        socket.on('error', () => {});
        await within(new Promise((resolve) => socket.once('connect', resolve)), () => 'to connect');
        peers.push(socket);
      }
      await server.logged('out of file descriptors');
      assert.equal((await alice.request('session:create', { name: 'Alice' })).ok, true);

      // The next one waits in the queue of the system, and is served as soon as there is room.
      const waiting = httpRequest(`${server.url}/healthz`);
      for (const socket of peers) socket.destroy();
      assert.equal((await Promise.race([waiting, server.death])).status, 200);
      assert.equal((await alice.request('session:create', { name: 'Alice' })).ok, true);
    } finally {
      peers.forEach((socket) => socket.destroy());
      alice.close();
      await server.stop();
    }
  });
});

// Downbeat behind nginx and HAProxy, set up as deploy/ says: from the page's own origin on a port
// that is not the scheme's default, with the stock client on each of its transports.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { band } from '../e2e/scenarios/band.mjs';
import { ways } from '../e2e/support/client.mjs';
import { eventually, within } from '../e2e/support/patience.mjs';
import { freePort } from '../e2e/support/ports.mjs';
import { httpRequest } from '../e2e/support/raw.mjs';
import { Server } from '../e2e/support/server.mjs';
import { cleanly, enter, trusting } from './support/clients.mjs';
import { kinds, Proxy, recipe } from './support/proxy.mjs';

const [overPolling, overWebSocket] = ways;

/** What the proxy answers to exactly these bytes, to the end of the connection. */
function answerTo(port, text) {
  const answer = new Promise((resolve) => {
    let heard = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (data) => (heard += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => resolve(heard));
  });
  return within(answer, () => `an answer to ${text}`);
}

/** The status of a handshake with these header fields, by polling or for a WebSocket. */
async function handshake(proxy, transport, headers) {
  const upgrade = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16, 'key').toString('base64'),
  };
  const { status } = await httpRequest(
    `http://127.0.0.1:${proxy.port}/socket.io/?EIO=4&transport=${transport}`,
    {
      headers: {
        Host: new URL(proxy.url).host,
        ...(transport === 'websocket' ? upgrade : {}),
        ...headers,
      },
    },
  );
  return status;
}

/** A number from the server's own /metrics. */
async function figure(server, name) {
  const { body } = await httpRequest(`${server.url}/metrics`);
  return Number(body.match(new RegExp(`^${name} (\\d+)$`, 'm'))[1]);
}

for (const kind of kinds) {
  describe(kind.name, () => {
    // For the tests that need no server of their own.
    const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
    const large = randomBytes(3_000_000);
    let server, proxy;
    before(async () => {
      writeFileSync(join(folder, 'index.html'), 'hello');
      writeFileSync(join(folder, 'large.wasm'), large);
      server = await Server.start(...trusting, '--web-root', folder);
      proxy = await Proxy.start(kind, server.port);
    });
    after(async () => {
      await proxy?.stop();
      await server?.stop();
      rmSync(folder, { recursive: true });
    });

    for (const way of ways) {
      it(`A jam from the page's own origin, over ${way.name}`, () =>
        cleanly(async (open) => {
          const { roomCode, members } = await band(() => open(enter(proxy, way)), 'Ada', 'Bob');
          const [ada, bob] = members;
          const data = { pitch: 64, sound: Buffer.from([1, 2, 255]) };
          assert.equal((await ada.request('session:event', 'x')).ok, false);
          ada.emit('session:event', { type: 'note', data });
          const { userId, data: heard } = await bob.until('session:event');
          assert.deepEqual([userId, heard.pitch, Buffer.from(heard.sound)], [ada.id, 64, data.sound]);
          assert.equal((await bob.request('session:leave', { roomCode })).ok, true);
          assert.deepEqual(await ada.until('session:user-left'), { userId: bob.id });
        }));

      it(`The server knows who a client is, and no lie about it, over ${way.name}`, () =>
        cleanly(async (open) => {
          const headers = { 'X-Forwarded-For': '203.0.113.9' };
          const client = await open(enter(proxy, way, { address: '127.0.0.2', headers }));
          await server.logged('client connected', client.id, '127.0.0.2');
          assert.equal(server.lines('203.0.113.9').length, 0);
        }));
    }

    it('Pages of other sites, and of other ports of this one, are refused', async () => {
      const { host } = new URL(proxy.url);
      for (const transport of ['polling', 'websocket']) {
        const welcome = transport === 'polling' ? 200 : 101;
        // The proxy may speak TLS to the browser, and never does to the server.
        for (const Origin of [`http://${host}`, `https://${host}`]) {
          assert.equal(await handshake(proxy, transport, { Origin }), welcome, Origin);
        }
        for (const Origin of [`http://evil.example`, 'http://jam.example', 'null']) {
          assert.equal(await handshake(proxy, transport, { Origin }), 403, Origin);
        }
      }
    });

    it('Large files arrive whole', () =>
      cleanly(async () => {
        const response = await fetch(`http://127.0.0.1:${proxy.port}/large.wasm`);
        assert.equal(response.status, 200);
        assert.ok(large.equals(Buffer.from(await response.arrayBuffer())));
      }));

    it('Large answers to polls arrive whole and in order', () =>
      cleanly(async (open) => {
        const bob = await open(enter(proxy, overPolling));
        const ada = await open(enter(proxy, overWebSocket));
        const { roomCode } = await ada.request('session:create', { name: 'Ada' });
        await bob.request('session:join', { roomCode, name: 'Bob' });
        for (let n = 0; n < 50; ++n) {
          ada.emit('session:event', { type: 'note', data: [n, 'x'.repeat(15_000)] });
        }
        for (let n = 0; n < 50; ++n) {
          const { data } = await bob.until('session:event');
          assert.deepEqual([data[0], data[1].length], [n, 15_000]);
        }
      }));

    it('/metrics is for those inside alone, however it is spelled', async () => {
      const at = (host, path) =>
        answerTo(proxy.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.ok((await figure(server, 'downbeat_tcp_connections_total')) > 0);
      const { host } = new URL(proxy.url);
      for (const path of [
        '/metrics',
        '/metrics?',
        '/metrics?a=b',
        '/metrics#x',
        '//metrics',
        '/./metrics',
        '/x/../metrics',
        '/%6detrics',
        '/%6Detrics',
        '/%2e/metrics',
        '/%2fmetrics',
        '/metrics/',
        '/metrics%00',
        '/metrics%3f',
        '/METRICS',
        `http://${host}/metrics`,
        `http://other.example/metrics`,
      ]) {
        const answer = await at(host, path);
        assert.match(answer, /^HTTP\/1\.1 4\d\d /, path);
        assert.doesNotMatch(answer, /downbeat_/, path);
      }
      assert.match(await at('other.example', '/metrics'), /^HTTP\/1\.1 404 /);
      assert.match(await at(host, '/healthz'), /^HTTP\/1\.1 200 [^]*"status":"ok"/);
      assert.match(await at(host, '/'), /^HTTP\/1\.1 200 [^]*hello/);
    });

    it('Requests share connections to the server', () =>
      cleanly(async (open) => {
        const client = await open(enter(proxy, overPolling));
        const before = await figure(server, 'downbeat_tcp_connections_total');
        for (let i = 0; i < 30; ++i) {
          // A new browser each time, and a client that polls.
          await answerTo(proxy.port, 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
          await client.caughtUp();
        }
        const opened = (await figure(server, 'downbeat_tcp_connections_total')) - before;
        // One of them is for this /metrics request; the poll and the POST need one each.
        assert.ok(opened < 10, `${opened} connections`);
      }));

    it('Limits by address count clients, and not the proxy', () =>
      cleanly(async (open) => {
        const limited = await open(
          Server.start(...trusting, '--max-joins-per-minute-by-address', '3'),
        );
        const through = await open(Proxy.start(kind, limited.port));
        const create = async (address, way, lie) => {
          const headers = { 'X-Forwarded-For': lie };
          const client = await open(enter(through, way, { address, headers }));
          return (await client.request('session:create', { name: 'Ada' })).error?.code;
        };
        for (const way of ways) {
          assert.equal(await create('127.0.0.2', way, '203.0.113.1'), undefined);
        }
        assert.equal(await create('127.0.0.2', overWebSocket, '203.0.113.2'), 'rate_limited');
        assert.equal(await create('127.0.0.2', overPolling, '127.0.0.1'), 'rate_limited');
        assert.equal(await create('127.0.0.3', overWebSocket, '127.0.0.2'), undefined);
      }));

    it('When the server dies, clients notice, and are back as soon as it is', () =>
      cleanly(async (open) => {
        const port = await freePort();
        const first = await Server.startOn(port, ...trusting);
        const through = await open(Proxy.start(kind, port));
        const clients = [];
        for (const way of ways) clients.push(await open(enter(through, way)));
        process.kill(first.pid, 'SIGKILL');
        for (const client of clients) {
          assert.match(await client.until('disconnect'), /^transport (close|error)$/);
        }
        assert.equal(await handshake(through, 'polling', {}), kind.badGateway);

        await open(Server.startOn(port, ...trusting));
        for (const client of clients) {
          // The first one was when it connected.
          await client.until('connect');
          assert.equal((await client.request('session:create', { name: 'Ada' })).ok, true);
        }
      }));

    it('SIGTERM: everybody gets server:closing, plays to the end, and the server ends', () =>
      cleanly(async (open) => {
        const port = await freePort();
        const draining = await open(Server.startOn(port, ...trusting, '--drain-timeout', '600000'));
        const through = await open(Proxy.start(kind, port));
        const bands = [];
        for (const way of ways) {
          const join = () => open(enter(through, way, { reconnection: false }));
          bands.push(await band(join, 'Ada', 'Bob'));
        }
        const end = draining.stop();
        for (const { members } of bands) {
          for (const member of members) {
            assert.equal((await member.until('server:closing')).withinMs, 600_000);
          }
        }
        for (const { roomCode, members } of bands) {
          members[0].emit('session:event', { type: 'note', data: 60 });
          assert.equal((await members[1].until('session:event')).data, 60);
          for (const member of members) await member.request('session:leave', { roomCode });
        }
        for (const { members } of bands) {
          for (const member of members) {
            assert.match(await member.until('disconnect'), /^transport (close|error)$/);
          }
        }
        assert.deepEqual(await end, { code: 0, signal: null });
      }));

    it('A silent client is kept by the pings, and would be cut off without them', () =>
      cleanly(async (open) => {
        const longest = '4s';
        const pinging = await open(Server.start(...trusting, '--ping-interval', '250'));
        const kept = await open(Proxy.start(kind, pinging.port, longest));
        const silent = await open(Server.start(...trusting, '--ping-interval', '600000'));
        const cutting = await open(Proxy.start(kind, silent.port, longest));
        const clients = [];
        for (const way of ways) clients.push(await open(enter(kept, way)));
        const begin = Date.now();
        const alone = await open(enter(cutting, overWebSocket, { reconnection: false }));
        assert.match(await alone.until('disconnect'), /^transport (close|error)$/);
        await eventually(
          async () => (await figure(silent, 'downbeat_websockets')) === 0,
          () => 'the end of the WebSocket',
        );
        await new Promise((resolve) => setTimeout(resolve, begin + 9_000 - Date.now()));
        for (const client of clients) {
          await client.caughtUp();
          assert.deepEqual(client.heard(), ['connect'], client.story());
        }
      }));
  });
}

it('The README quotes the recipe for nginx', () => {
  const lines = (text) =>
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const [, quoted] = readme.match(/```nginx\n([^]*?)```/);
  assert.deepEqual(lines(quoted), lines(recipe('nginx.conf')));
});

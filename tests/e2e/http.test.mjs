// Plain HTTP requests to the server: by operators, and by pages of other origins.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { io } from 'socket.io-client';

import { band } from './scenarios/band.mjs';
import { ways } from './support/client.mjs';
import { eventually, within } from './support/patience.mjs';
import { handshakeStatus, httpRequest } from './support/raw.mjs';
import { run, Server } from './support/server.mjs';
import { theatre } from './support/theatre.mjs';

const [, overWebSocket] = ways;

describe('For operators', () => {
  const { play } = theatre();

  play('/healthz says that the server is up', overWebSocket, async ({ url }) => {
    const { status, body } = await httpRequest(`${url}/healthz`);
    assert.equal(status, 200);
    assert.match(body, /ok/i);
    // Which build it is, as the command says it, too.
    const { version, commit } = JSON.parse(body);
    assert.equal((await run('--version')).stdout, `downbeat ${version} (${commit})\n`);
    assert.match(commit, /^([0-9a-f]{12}(-dirty)?|unknown)$/);
  });

  play('/metrics counts live sessions', overWebSocket, async ({ connect, url }) => {
    assert.equal(await metric(url, 'sessions'), 0);
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    assert.equal(await metric(url, 'sessions'), 1);

    for (const member of members) await member.request('session:leave', { roomCode });
    assert.equal(await metric(url, 'sessions'), 0);
  });

  play('/metrics is Prometheus text', overWebSocket, async ({ url }) => {
    const { status, headers, body } = await httpRequest(`${url}/metrics`);
    assert.equal(status, 200);
    assert.match(headers['content-type'], /^text\/plain/);
    const lines = body.trimEnd().split('\n');
    assert.ok(lines.some((line) => line.startsWith('# TYPE ')));
    for (const line of lines) {
      assert.match(line, /^(# (HELP|TYPE) [a-z0-9_:]+ .+|[a-z0-9_:]+(\{.*\})? [-+.e\d]+)$/i);
    }
  });

  play('Anything else is not found, and harms nobody', overWebSocket, async ({ url }) => {
    for (const path of [
      '/nowhere',
      '/socket.iox',
      '/../../etc/passwd',
      '/%2e%2e/etc/passwd',
      '//',
    ]) {
      const { status, body } = await httpRequest(url + path);
      assert.ok(status >= 400 && status < 500, `${path} is answered with ${status}`);
      assert.doesNotMatch(body, /root:/);
    }
    assert.equal((await httpRequest(`${url}/healthz`)).status, 200);
  });
});

describe('Pages of other origins', () => {
  let server;
  before(async () => (server = await Server.start('--cors-origin', 'https://jam.example')));
  after(() => server?.stop());

  const welcome = [
    'http://localhost:5173',
    'http://127.0.0.1:8080',
    'http://[::1]:5173',
    'https://localhost',
    'https://jam.example',
  ];
  for (const origin of welcome) {
    it(`${origin} may use polling and WebSocket`, async () => {
      const headers = { Origin: origin };
      const reply = await httpRequest(pollingUrl(server), { headers });
      assert.equal(reply.status, 200);
      assert.ok([origin, '*'].includes(reply.headers['access-control-allow-origin']));
      assert.equal(await handshakeStatus(server.url, headers), 101);
    });

    it(`${origin} can read why a request was refused`, async () => {
      const url = `${pollingUrl(server)}&sid=unknown`;
      const reply = await httpRequest(url, { headers: { Origin: origin } });
      assert.equal(reply.status, 400);
      assert.ok([origin, '*'].includes(reply.headers['access-control-allow-origin']));
    });
  }

  const foreign = [
    'https://evil.example',
    'http://jam.example',
    'https://jam.example:8443',
    'https://jam.example.evil.example',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'null',
  ];
  for (const origin of foreign) {
    it(`${origin} may use neither`, async () => {
      const headers = { Origin: origin };
      const reply = await httpRequest(pollingUrl(server), { headers });
      assert.equal(reply.headers['access-control-allow-origin'], undefined);
      assert.equal(await handshakeStatus(server.url, headers), 403);
    });
  }

  it('What only resembles a welcome origin is none', async () => {
    for (const origin of ['http://localhost@evil.example', 'http://evil.example/localhost']) {
      const headers = { Origin: origin };
      const reply = await httpRequest(pollingUrl(server), { headers });
      assert.equal(reply.headers['access-control-allow-origin'], undefined);
      assert.ok([400, 403].includes(await handshakeStatus(server.url, headers)));
    }
  });

  it('The page that the server itself serves may use both, whatever its host', async () => {
    const headers = { Origin: `${server.scheme}://studio.example:3001`, Host: 'studio.example:3001' };
    assert.equal((await httpRequest(pollingUrl(server), { headers })).status, 200);
    assert.equal(await handshakeStatus(server.url, headers), 101);
  });

  it('What is refused is a line of the log now and then, and a metric', async () => {
    const own = await Server.start();
    try {
      const headers = { Origin: 'https://evil.example' };
      const { status, body } = await httpRequest(pollingUrl(own), { headers });
      assert.equal(status, 403);
      assert.match(JSON.parse(body).message, /--cors-origin/);
      assert.equal(await handshakeStatus(own.url, headers), 403);
      const preflight = { method: 'OPTIONS', headers: { Origin: 'https://other.example' } };
      assert.equal((await httpRequest(pollingUrl(own), preflight)).status, 400);
      const line = await own.logged('origin refused', 'origin=https://evil.example');
      assert.match(line, /--cors-origin/);
      assert.equal(await metric(own.url, 'origins_refused_total'), 3);
      assert.equal(own.lines('origin refused').length, 1);
    } finally {
      await own.stop();
    }
  });

  it('A page of the loopback may not use a server that is addressed elsewhere', async () => {
    const headers = { Origin: 'http://localhost:5173', Host: 'jam.example' };
    assert.equal((await httpRequest(pollingUrl(server), { headers })).status, 403);
    assert.equal(await handshakeStatus(server.url, headers), 403);
  });

  it('A named origin may be written with the port of its scheme', async () => {
    const own = await Server.start('--cors-origin', 'https://jam.example:443');
    try {
      const headers = { Origin: 'https://jam.example' };
      assert.equal((await httpRequest(pollingUrl(own), { headers })).status, 200);
    } finally {
      await own.stop();
    }
  });

  it('A client that is no page, and names no origin, is accepted', async () => {
    assert.equal((await httpRequest(pollingUrl(server))).status, 200);
    assert.equal(await handshakeStatus(server.url), 101);
  });
});

describe('Subprotocols', () => {
  const { play } = theatre();

  for (const transports of [['websocket'], ['polling', 'websocket']]) {
    play(`The stock client may offer some, over ${transports}`, overWebSocket, async ({ url }) => {
      const socket = io(url, { transports, protocols: ['jam.v2', 'jam.v1'], forceNew: true });
      try {
        await within(new Promise((resolve) => socket.on('connect', resolve)), () => 'a connection');
        const { engine } = socket.io;
        await eventually(() => engine.transport.name === 'websocket', () => 'an upgrade');
        assert.equal(engine.transport.ws.protocol, 'jam.v2');
      } finally {
        socket.close();
      }
    });
  }
});

describe('A page', () => {
  it('is served as soon as it is there, and as it was when its folder is gone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
    const gone = `${folder}-gone`;
    writeFileSync(join(folder, 'index.html'), 'coming');
    const server = await Server.start('--web-root', folder);
    try {
      const shown = async () => (await httpRequest(`${server.url}/`)).body;
      assert.equal(await shown(), 'coming');
      writeFileSync(join(folder, 'index.html'), 'the page');
      await eventually(async () => (await shown()) === 'the page', () => 'the page');
      // In one step: a folder that is there and empty has no page.
      renameSync(folder, gone);
      await server.logged('web root not read', folder);
      assert.equal(await shown(), 'the page');
      mkdirSync(folder);
      writeFileSync(join(folder, 'index.html'), 'another');
      await eventually(async () => (await shown()) === 'another', () => 'another page');
      await server.logged('web root is read again');
      assert.equal(server.lines('web root not read').length, 1);
    } finally {
      await server.stop();
      for (const each of [folder, gone]) rmSync(each, { recursive: true, force: true });
    }
  });

  it('that does not fit into memory is a mistake', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
    try {
      writeFileSync(join(folder, 'large'), '');
      truncateSync(join(folder, 'large'), 257 * 1024 * 1024);
      const { code, stderr } = await run('serve', '--port', '0', '--web-root', folder);
      assert.equal(code, 2);
      assert.match(stderr, /^downbeat serve: --web-root: .*256 MiB.*\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

function pollingUrl(server) {
  return `${server.url}/socket.io/?EIO=4&transport=polling`;
}

/** The value of a metric, as soon as there is one. */
async function metric(url, name) {
  const sample = new RegExp(`^downbeat_${name} (\\d+)$`, 'm');
  const [, value] = await eventually(
    async () => (await httpRequest(`${url}/metrics`)).body.match(sample),
    () => `a metric downbeat_${name}`,
  );
  return Number(value);
}

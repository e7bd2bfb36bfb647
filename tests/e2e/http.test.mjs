// What is asked of the server over plain HTTP: by operators, and by pages of other origins.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { band } from './scenarios/band.mjs';
import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
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
    const headers = { Origin: 'http://studio.example:3001', Host: 'studio.example:3001' };
    assert.equal((await httpRequest(pollingUrl(server), { headers })).status, 200);
    assert.equal(await handshakeStatus(server.url, headers), 101);
  });

  it('Who is no page, and names no origin, is welcome', async () => {
    assert.equal((await httpRequest(pollingUrl(server))).status, 200);
    assert.equal(await handshakeStatus(server.url), 101);
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

// HTTP and TCP limits of the server: origins and addresses, slow peers, and files and secrets that
// must not be served.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { connect, ways } from './support/client.mjs';
import { eventually, within } from './support/patience.mjs';
import { handshakeStatus, httpRequest, RawPeer, RawPolling } from './support/raw.mjs';
import { Server } from './support/server.mjs';
import { dial, isTls } from './support/tls.mjs';

const [, overWebSocket] = ways;

/** A TCP connection that sends exactly the given bytes. */
class Peer {
  static async open(server) {
    const peer = new Peer();
    peer.heard = '';
    const connected = new Promise((resolve) => (peer.socket = dial(server, resolve)));
    peer.socket.on('data', (data) => (peer.heard += data.toString('latin1')));
    peer.socket.on('error', () => {});
    peer.ended = new Promise((resolve) => peer.socket.on('close', resolve));
    await within(connected, () => 'to connect');
    return peer;
  }

  say(text) {
    this.socket.write(text);
  }

  hears(part) {
    return eventually(
      () => this.heard.includes(part),
      () => `${part} in ${JSON.stringify(this.heard)}`,
    );
  }

  close() {
    this.socket.destroy();
    return this.ended;
  }
}

const upgrade = (fields = '') =>
  'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n' +
  'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
  `Sec-WebSocket-Key: ${Buffer.alloc(16, 'key').toString('base64')}\r\n${fields}\r\n`;

function limited(server, limit) {
  const sample = new RegExp(`downbeat_limited_total\\{limit="${limit}"\\} (\\d+)`);
  return eventually(
    async () => {
      const { body } = await httpRequest(`${server.url}/metrics`).catch(() => ({ body: '' }));
      return body.match(sample)?.[1];
    },
    () => `the count of ${limit}`,
  ).then(Number);
}

/** For peers that hold a connection for as long as a test takes, on a busy machine too. */
const patient = ['--header-timeout', '--connect-timeout'].flatMap((time) => [time, '60000']);

/** A peer that has begun a request: the kernel hands over silent ones a little later. */
async function arrive(server) {
  const peer = await Peer.open(server);
  peer.say('GET /healthz');
  return peer;
}

/** Runs a test with a server of its own. */
function withServer(title, options, test) {
  it(title, async () => {
    const server = await Server.start(...options);
    try {
      await Promise.race([test(server), server.death]);
    } finally {
      await server.stop();
    }
  });
}

// Over TLS there is no answer without a handshake: they are just closed (tls.test.mjs).
describe('Connections by address', { skip: isTls }, () => {
  withServer(
    'Past the bound comes 503, until one has gone',
    ['--max-connections-by-address', '3', ...patient],
    async (server) => {
      const peers = [];
      for (let i = 0; i < 3; ++i) peers.push(await arrive(server));
      const late = await arrive(server);
      await late.hears('503 Service Unavailable');
      await late.hears('Retry-After');
      await server.logged('too many connections', '127.0.0.1');

      await peers[0].close();
      await eventually(
        async () => (await httpRequest(`${server.url}/healthz`).catch(() => ({}))).status === 200,
        () => 'a free place',
      );
      assert.ok((await limited(server, 'connections_by_address')) >= 1);
      await Promise.all(peers.map((peer) => peer.close()));
    },
  );

  withServer('In all there are as many as the limit', ['--max-connections', '2', ...patient], async (server) => {
    const peers = [await arrive(server), await arrive(server)];
    const late = await arrive(server);
    await late.hears('503 Service Unavailable');
    await Promise.all(peers.map((peer) => peer.close()));
  });
});

describe('A trusted proxy', () => {
  const from = (addresses) => ({ 'X-Forwarded-For': addresses });
  const options = ['--trusted-proxy', '127.0.0.0/8', '--max-connections-by-address', '2', ...patient];

  withServer('Is believed about its clients, who count each for themselves', options, async (server) => {
    const peers = [];
    for (let i = 0; i < 2; ++i) {
      peers.push(await Peer.open(server));
      // The client lies about where it comes from; the proxy writes the truth behind that.
      peers[i].say(upgrade(`X-Forwarded-For: 198.51.100.${i}, 203.0.113.7\r\n`));
      await peers[i].hears('101 Switching');
    }
    assert.equal(await handshakeStatus(server.url, from('203.0.113.7')), 503);
    assert.equal(await limited(server, 'connections_by_proxy'), 1);
    assert.equal(await handshakeStatus(server.url, from('203.0.113.8')), 101);
    await peers[0].close();
    await eventually(
      async () => (await handshakeStatus(server.url, from('203.0.113.7'))) === 101,
      () => 'a free place',
    );
    await Promise.all(peers.map((peer) => peer.close()));
  });

  withServer('Is named by the address of its client in the log', options, async (server) => {
    const client = await connect(server.url, overWebSocket, { extraHeaders: from('203.0.113.9') });
    await server.logged('client connected', client.id, '203.0.113.9');
    client.close();
  });

  withServer('Nobody else is believed', [], async (server) => {
    const client = await connect(server.url, overWebSocket, { extraHeaders: from('203.0.113.9') });
    await server.logged('client connected', client.id, '127.0.0.1');
    client.close();
    assert.equal(server.lines('203.0.113.9').length, 0);
  });
});

describe('A client that takes too long', () => {
  // That is also the time for a handshake of TLS, fifty of them here.
  const forHead = isTls ? '3000' : '300';
  withServer('Slow loris: a head that dribbles ends with 408', ['--header-timeout', forHead], async (server) => {
    // A peer that has said nothing until then would get no answer.
    const begin = async () => {
      const peer = await Peer.open(server);
      peer.say('G');
      return peer;
    };
    const peers = await Promise.all(Array.from({ length: 50 }, begin));
    const dribble = setInterval(() => peers.forEach((peer) => peer.say('G')), 50);
    await within(Promise.all(peers.map((peer) => peer.ended)), () => 'their end');
    clearInterval(dribble);
    for (const peer of peers) assert.match(peer.heard, /^HTTP\/1.1 408 /);
    assert.equal(await limited(server, 'header_time'), 50);
    assert.equal((await httpRequest(`${server.url}/healthz`)).status, 200);
  });

  withServer('Slow loris: a peer that sends nothing is closed', ['--header-timeout', '300'], async (server) => {
    const peer = await Peer.open(server);
    await within(peer.ended, () => 'its end');
  });

  withServer('Slow loris: a body that dribbles ends', ['--body-timeout', '300'], async (server) => {
    const polling = await RawPolling.open(server.url);
    const peer = await Peer.open(server);
    const { pathname, search } = new URL(polling.url);
    peer.say(`POST ${pathname}${search} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n4`);
    const dribble = setInterval(() => peer.say('x'), 50);
    await within(peer.ended, () => 'its end');
    clearInterval(dribble);
    assert.equal(await limited(server, 'body_time'), 1);
  });

  withServer('Slow loris: an idle connection is not kept for ever', ['--keep-alive-timeout', '300'], async (server) => {
    const peer = await Peer.open(server);
    peer.say('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await peer.hears('200 OK');
    await within(peer.ended, () => 'its end');
  });

  withServer('A half-open connection is found by its silence', ['--ping-interval', '200', '--ping-timeout', '200'], async (server) => {
    const peer = await Peer.open(server);
    peer.say(upgrade());
    await peer.hears('101 Switching');
    await within(peer.ended, () => 'its end');
  });

  withServer('Who joins no namespace is closed', ['--connect-timeout', '300'], async (server) => {
    for (const transport of ['websocket', 'polling']) {
      await (await RawPeer.open(server.url, transport)).expectClosed();
    }
    assert.equal(await limited(server, 'connect_time'), 2);
  });

  withServer('A head may be as large as the limit, and not larger', ['--max-header-bytes', '2000'], async (server) => {
    const head = (size) => {
      const begin = 'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Long: ';
      return `${begin}${'x'.repeat(size - begin.length - 4)}\r\n\r\n`;
    };
    const fits = await Peer.open(server);
    fits.say(head(1990));
    await fits.hears('200 OK');
    const past = await Peer.open(server);
    past.say(head(2010));
    await past.hears('431 ');
    assert.equal(await limited(server, 'header_bytes'), 1);
    await Promise.all([fits.close(), past.close()]);
  });
});

describe('Cross-site WebSocket hijacking', () => {
  withServer('Is refused, with the cookies of a victim or without', [], async (server) => {
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1.evil.example']) {
      const headers = { Origin: origin, Cookie: 'session=victim' };
      assert.equal(await handshakeStatus(server.url, headers), 403);
      const { status, headers: fields } = await httpRequest(
        `${server.url}/socket.io/?EIO=4&transport=polling`,
        { headers },
      );
      assert.equal(status, 403);
      assert.equal(fields['access-control-allow-origin'], undefined);
    }
  });
});

describe('What the server says of itself', () => {
  withServer('Is no page for anybody, and never kept', [], async (server) => {
    const polling = '/socket.io/?EIO=4&transport=polling';
    for (const path of ['/healthz', '/readyz', '/metrics', polling, `${polling}&sid=unknown`]) {
      const { headers } = await httpRequest(server.url + path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['cache-control'], 'no-store', path);
      assert.equal(
        headers['content-security-policy'],
        "default-src 'none'; frame-ancestors 'none'",
        path,
      );
      assert.equal(headers.server, undefined, path);
    }
  });

  it('Files are those of the folder, whatever the path says', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'downbeat-'));
    const outside = mkdtempSync(join(tmpdir(), 'downbeat-'));
    writeFileSync(join(outside, 'secret'), 'SECRET');
    writeFileSync(join(folder, 'index.html'), 'hello');
    writeFileSync(join(folder, '.hidden'), 'SECRET');
    symlinkSync(join(outside, 'secret'), join(folder, 'link'));
    symlinkSync(outside, join(folder, 'folder'));
    const server = await Server.start('--web-root', folder);
    try {
      const name = outside.split('/').at(-1);
      for (const path of [
        `/../${name}/secret`,
        `/%2e%2e/${name}/secret`,
        `/%2e%2e%2f${name}%2fsecret`,
        `/%252e%252e/${name}/secret`,
        `/..%5c${name}%5csecret`,
        `/..\\${name}\\secret`,
        `/%c0%ae%c0%ae/${name}/secret`,
        `//${outside}/secret`,
        '/index.html%00/../../secret',
        '/index.html%00.css',
        '/.hidden',
        '/%2ehidden',
        '/link',
        '/folder/secret',
        '/%',
      ]) {
        const peer = await Peer.open(server);
        peer.say(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        await within(peer.ended, () => 'the answer');
        assert.match(peer.heard, /^HTTP\/1.1 4\d\d /, path);
        assert.doesNotMatch(peer.heard, /SECRET/, path);
      }
      assert.equal((await httpRequest(`${server.url}/index.html`)).body, 'hello');
    } finally {
      await server.stop();
      rmSync(folder, { recursive: true });
      rmSync(outside, { recursive: true });
    }
  });

  withServer('The log has no secrets, even at level debug', ['--log-level', 'debug'], async (server) => {
    const polling = await RawPolling.open(server.url);
    const sid = new URL(polling.url).searchParams.get('sid');
    await polling.post('40{"token":"hush"}');
    await polling.post('42["session:create",{"name":"Alice"}]');
    await polling.post('42["session:event",{"type":"note","data":"hush"}]');
    await polling.post('42["session:event",{"data":"hush"}]');
    await polling.post('42["hush",{"hush":"hush"}]');
    await polling.post('hush');
    await server.logged('client disconnected');
    assert.ok(server.lines('session created').length > 0);
    assert.doesNotMatch(server.log, new RegExp(`hush|${sid}`));
  });
});

// https:// and wss://: what is spoken, what is refused, and certificates that change meanwhile.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import { after, before, describe, it } from 'node:test';
import tls from 'node:tls';

import { connect, ways } from './support/client.mjs';
import { eventually, within } from './support/patience.mjs';
import { httpRequest } from './support/raw.mjs';
import { run, Server } from './support/server.mjs';
import { certificateOptions, makeCertificate } from './support/tls.mjs';

const [, overWebSocket] = ways;

const folder = mkdtempSync(join(tmpdir(), 'downbeat-tls-'));
const first = join(folder, 'first');
const second = join(folder, 'second');
before(() => {
  makeCertificate(first);
  makeCertificate(second, 'jam.example');
});
after(() => rmSync(folder, { recursive: true }));

const fileIn = (at, name) => readFileSync(join(at, name), 'utf8');
const authority = (at = first) => fileIn(at, 'authority.pem');

/** The certificate in a folder, as a client sees it. */
function certificateIn(at) {
  return new X509Certificate(fileIn(at, 'certificate.pem')).raw.toString('base64');
}

const start = (at, ...options) => Server.start(...certificateOptions(at), ...options);

/** A connection of TLS, after the handshake. */
function shake(server, options = {}) {
  const socket = tls.connect({ port: server.port, host: '127.0.0.1', ca: authority(), ...options });
  const shaken = new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed in the handshake')));
  });
  socket.on('error', () => {});
  return within(shaken, () => 'a handshake');
}

/** Everything that the server answers to these bytes, up to the end. */
function answers(socket, bytes) {
  const heard = new Promise((resolve) => {
    let text = '';
    socket.setEncoding('latin1').on('data', (part) => (text += part));
    socket.on('error', () => {});
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });
  return within(heard, () => 'the end of the answer');
}

const question = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n';

async function expectServed(server, options) {
  assert.match(await answers(await shake(server, options), question), /^HTTP\/1\.1 200 /);
}

async function countOf(server, metric) {
  const text = await answers(
    await shake(server),
    'GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
  );
  return Number(text.split('\n').find((line) => line.startsWith(`${metric} `))?.split(' ')[1]);
}

describe('TLS', () => {
  let server;
  before(async () => (server = await start(first)));
  after(async () => assert.deepEqual(await server.stop(), { code: 0, signal: null }));

  for (const version of ['TLSv1.2', 'TLSv1.3']) {
    it(`${version} is spoken, with a key for each connection`, async () => {
      const socket = await shake(server, { minVersion: version, maxVersion: version });
      assert.equal(socket.getProtocol(), version);
      assert.match(socket.getEphemeralKeyInfo().type, /ECDH/);
      assert.equal(socket.authorized, true);
      assert.match(await answers(socket, question), /^HTTP\/1\.1 200 /);
    });

    it(`a session of ${version} is resumed`, async () => {
      const options = { minVersion: version, maxVersion: version };
      const socket = await shake(server, options);
      assert.equal(socket.isSessionReused(), false);
      // TLS 1.2 sends the ticket in the handshake, 1.3 after it.
      let session = socket.getSession();
      socket.on('session', (ticket) => (session = ticket));
      await answers(socket, question);
      const again = await shake(server, { ...options, session });
      assert.equal(again.isSessionReused(), true);
      assert.match(await answers(again, question), /^HTTP\/1\.1 200 /);
    });
  }

  for (const version of ['TLSv1', 'TLSv1.1']) {
    it(`${version} is refused`, async () => {
      const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
      await assert.rejects(shake(server, old), /alert protocol version|protocol version/i);
      await expectServed(server);
    });
  }

  it('ciphers without forward secrecy are refused', async () => {
    const weak = { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA:AES256-GCM-SHA384' };
    await assert.rejects(shake(server, weak), /handshake failure/i);
    await expectServed(server);
  });

  it('the log says why a handshake failed, and how often, at a limited rate', async () => {
    await assert.rejects(shake(server, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }));
    await server.logged('TLS handshake failed', 'reason=');
    assert.ok(server.lines('TLS handshake failed').length <= 3);
    assert.ok((await countOf(server, 'downbeat_tls_handshakes_failed_total')) >= 1);
  });

  it('ALPN is http/1.1, or the connection is refused', async () => {
    const both = await shake(server, { ALPNProtocols: ['h2', 'http/1.1'] });
    assert.equal(both.alpnProtocol, 'http/1.1');
    both.destroy();
    const none = await shake(server);
    assert.equal(none.alpnProtocol, false);
    none.destroy();
    await assert.rejects(shake(server, { ALPNProtocols: ['h2'] }), /no application protocol/i);
  });

  it('renegotiation is refused, and nobody else notices', async () => {
    const alice = await connect(server.url, overWebSocket, { ca: authority() });
    const socket = await shake(server, { maxVersion: 'TLSv1.2' });
    const refused = new Promise((resolve) => {
      socket.on('error', resolve);
      socket.on('close', () => resolve(new Error('closed')));
      socket.renegotiate({ rejectUnauthorized: true }, (error) => error && resolve(error));
    });
    assert.ok((await within(refused, () => 'a refusal')) instanceof Error);
    assert.equal((await alice.request('session:create', { name: 'Alice' })).ok, true);
    alice.close();
  });

  it('plain HTTP gets 400 with what to do, and the log says so', async () => {
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const { status, body } = await httpRequest(`http://127.0.0.1:${server.port}/`, { method });
      assert.equal(status, 400);
      assert.match(body, /^This port speaks HTTPS: .*https:\/\/\n$/);
    }
    await expectServed(server);
  });

  it('what is neither TLS nor HTTP is hung up on', async () => {
    for (const noise of ['\x00\x01\x02', '\x16\x03\x01\x40\x00'.padEnd(20_000, 'x'), '\x80\x80', 'ssh-2.0\r\n']) {
      const socket = net.connect(server.port, '127.0.0.1');
      const heard = await answers(socket, Buffer.from(`${noise}\r\n\r\n\r\n`, 'latin1'));
      assert.doesNotMatch(heard, /HTTP/);
    }
    await expectServed(server);
  });

  it('a connection may end without the end of TLS, at any time', async () => {
    for (const bytes of ['', 'GET /he', question]) {
      const socket = await shake(server);
      if (bytes) socket.write(bytes);
      socket.destroy();
    }
    await expectServed(server);
  });

  it('an end of TLS right behind the last bytes is noticed, although TCP stays open', async () => {
    const tcp = net.connect({ port: server.port, host: '127.0.0.1' });
    // TLS over this stream can end without an end of TCP.
    const stream = new Duplex({
      read() {},
      write: (bytes, _encoding, done) => tcp.write(bytes, done),
      final: (done) => done(),
    });
    tcp.on('data', (bytes) => stream.push(bytes)).on('error', () => {});
    const hungUp = once(tcp, 'end');
    try {
      const client = tls.connect({ socket: stream, servername: 'localhost', ca: authority() });
      client.on('error', () => {}).resume();
      await within(once(client, 'secureConnect'), () => 'a handshake');
      // As many records as the server reads in one turn, and then the end.
      const body = 'x'.repeat(60_000);
      tcp.cork();
      client.write(`POST /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
      client.end(() => tcp.uncork());
      // Otherwise it would be the end of the time that an idle connection has, 75 s.
      await within(hungUp, () => 'the end of the connection');
    } finally {
      tcp.destroy();
    }
  });

  it('large events go through in many records', async () => {
    const big = await start(first, '--max-event-bytes', '400000', '--max-payload', '900000');
    try {
      for (const way of ways) {
        const alice = await connect(big.url, way, { ca: authority() });
        const bob = await connect(big.url, way, { ca: authority() });
        const { roomCode } = await alice.request('session:create', { name: 'Alice' });
        await bob.request('session:join', { roomCode, name: 'Bob' });
        for (let round = 0; round < 5; ++round) {
          const wave = Buffer.alloc(300_000, round + 1);
          alice.emit('session:event', { type: 'sample', data: { wave, round } });
          const { data } = await bob.until('session:event');
          assert.equal(data.round, round);
          assert.ok(wave.equals(data.wave), way.name);
        }
        alice.close();
        bob.close();
      }
    } finally {
      await big.stop();
    }
  });

  it('downbeat healthcheck asks over TLS', async () => {
    const options = ['--host', '127.0.0.1', '--port', `${server.port}`];
    assert.equal((await run('healthcheck', ...options, ...certificateOptions(first))).code, 0);
  });
});

describe('Limits of TLS', () => {
  it('a handshake has as much time as a head', async () => {
    // Enough for the handshakes below, also on a machine that is busy elsewhere.
    const server = await start(first, '--header-timeout', '3000');
    try {
      const silent = net.connect(server.port, '127.0.0.1');
      const half = net.connect(server.port, '127.0.0.1');
      // The head of a record, and a part of what it announces.
      half.write(Buffer.from('160301020001000001', 'hex'));
      const idle = await shake(server);
      for (const socket of [silent, half, idle]) {
        socket.resume().on('error', () => {});
        if (!socket.closed) await within(once(socket, 'close'), () => 'the end of the handshake');
      }
      await expectServed(server);
    } finally {
      await server.stop();
    }
  });

  it('connections past the limit are hung up on', async () => {
    const server = await start(first, '--max-connections-by-address', '2');
    try {
      const open = [await shake(server), await shake(server)];
      await assert.rejects(shake(server));
      await server.logged('too many connections');
      open.forEach((socket) => socket.destroy());
      await eventually(() => expectServed(server).then(() => true, () => false), () => 'an answer');
    } finally {
      await server.stop();
    }
  });

  it('a client that does not read is dropped as without TLS', async () => {
    const server = await start(first, '--max-queued-bytes', '100000', '--max-events-per-second', '0');
    const clients = [];
    const join = async () => {
      clients.push(await connect(server.url, overWebSocket, { ca: authority(), reconnection: false }));
      return clients.at(-1);
    };
    try {
      const [alice, bob, mallory] = [await join(), await join(), await join()];
      const { roomCode } = await alice.request('session:create', { name: 'Alice' });
      await bob.request('session:join', { roomCode, name: 'Bob' });
      await mallory.request('session:join', { roomCode, name: 'Mallory' });
      mallory.socket.io.engine.transport.ws._socket.pause();
      const data = 'x'.repeat(12_000);
      for (let i = 0; server.lines('slow reader dropped').length === 0; ++i) {
        assert.ok(i < 5_000, 'it is never dropped');
        alice.emit('session:event', { type: 'noise', data });
        await bob.until('session:event');
      }
      assert.equal(server.lines('slow reader dropped').length, 1);
      await alice.until('session:user-left');
    } finally {
      clients.forEach((client) => client.close());
      await server.stop();
    }
  });

  it('clients migrate between event loops with their TLS', async () => {
    const server = await start(first, '--threads', '2');
    const clients = [];
    try {
      for (const way of [...ways, ...ways, ...ways, ...ways]) {
        const join = () => connect(server.url, way, { ca: authority() });
        const [alice, bob] = [await join(), await join()];
        clients.push(alice, bob);
        const { roomCode } = await alice.request('session:create', { name: 'Alice' });
        const { ok } = await bob.request('session:join', { roomCode, name: 'Bob' });
        assert.equal(ok, true);
        for (let i = 0; i < 5; ++i) {
          bob.emit('session:event', { type: 'note', data: { i, text: 'x'.repeat(5_000) } });
          assert.equal((await alice.until('session:event')).data.i, i);
        }
      }
    } finally {
      clients.forEach((client) => client.close());
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
    }
  });
});

describe('A certificate that changes', () => {
  it('is taken over on SIGHUP for new connections, while the others go on', async () => {
    const at = join(folder, 'changing');
    cpSync(first, at, { recursive: true });
    const server = await start(at);
    const seen = async () => {
      const socket = await shake(server, { ca: [authority(first), authority(second)] });
      const certificate = socket.getPeerCertificate().raw.toString('base64');
      socket.destroy();
      return certificate;
    };
    const reload = async (line) => {
      const before = server.lines(line).length;
      process.kill(server.pid, 'SIGHUP');
      await eventually(() => server.lines(line).length > before, () => line);
    };
    const alice = await connect(server.url, overWebSocket, { ca: authority(first), reconnection: false });
    try {
      assert.equal(await seen(), certificateIn(first));
      const { roomCode } = await alice.request('session:create', { name: 'Alice' });

      cpSync(second, at, { recursive: true });
      assert.equal(await seen(), certificateIn(first));
      await reload('certificate reloaded');
      assert.equal(await seen(), certificateIn(second));
      const bob = await connect(server.url, overWebSocket, { ca: authority(second) });
      assert.equal((await bob.request('session:join', { roomCode, name: 'Bob' })).ok, true);
      await alice.until('session:user-joined');
      bob.emit('session:event', { type: 'note', data: 1 });
      assert.equal((await alice.until('session:event')).data, 1);
      bob.close();

      // Files that do not belong together, as between two writes of a renewal; broken ones; none.
      const breaks = [
        () => cpSync(join(first, 'key.pem'), join(at, 'key.pem')),
        () => writeFileSync(join(at, 'certificate.pem'), 'no certificate'),
        () => rmSync(join(at, 'key.pem')),
      ];
      for (const spoil of breaks) {
        spoil();
        await reload('certificate not reloaded');
        assert.equal(await seen(), certificateIn(second));
      }
      assert.equal(server.lines('certificate not reloaded').length, breaks.length);
      cpSync(first, at, { recursive: true });
      await reload('certificate reloaded');
      assert.equal(await seen(), certificateIn(first));
      assert.equal((await alice.request('session:leave', { roomCode })).ok, true);
    } finally {
      alice.close();
      await server.stop();
    }
  });
});

describe('Certificates that cannot be used', () => {
  const write = (name, text) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const cases = {
    'no file': [() => [join(folder, 'nothing'), join(first, 'key.pem')], /--tls-certificate: .*No such file/],
    'no key file': [() => [join(first, 'certificate.pem'), join(folder, 'nothing')], /--tls-key: .*No such file/],
    'a folder': [() => [folder, join(first, 'key.pem')], /--tls-certificate: .*is a folder/],
    'no certificate': [() => [write('text', 'hello'), join(first, 'key.pem')], /no certificate in PEM/],
    'no key': [() => [join(first, 'certificate.pem'), write('text', 'hello')], /no private key in PEM/],
    'half a certificate': [
      () => [write('half', fileIn(first, 'certificate.pem').slice(0, 300)), join(first, 'key.pem')],
      /--tls-certificate: /,
    ],
    'exchanged': [() => [join(first, 'key.pem'), join(first, 'certificate.pem')], /no certificate in PEM/],
    'the key of another': [
      () => [join(first, 'certificate.pem'), join(second, 'key.pem')],
      /--tls-key: .*does not belong to the certificate/,
    ],
  };
  for (const [what, [files, why]] of Object.entries(cases)) {
    it(`${what}: one line, and exit code 2`, async () => {
      const [certificate, key] = files();
      const { code, stdout, stderr } = await run(
        'serve', '--port', '0', '--tls-certificate', certificate, '--tls-key', key,
      );
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^downbeat serve: [^\n]*\n$/);
      assert.match(stderr, why);
    });
  }

  it('one without the other: one line, and exit code 2', async () => {
    const [, certificate, , key] = certificateOptions(first);
    for (const [given, missing, file] of [
      ['--tls-certificate', '--tls-key', certificate],
      ['--tls-key', '--tls-certificate', key],
    ]) {
      const { code, stderr } = await run('serve', '--port', '0', given, file);
      assert.deepEqual([code, stderr], [2, `downbeat serve: ${given} needs ${missing}, too\n`]);
    }
  });

  it('a key that everybody may read is worth a warning', async () => {
    const at = join(folder, 'open');
    cpSync(first, at, { recursive: true });
    chmodSync(join(at, 'key.pem'), 0o644);
    const server = await start(at);
    await server.logged('key readable by everybody', 'key.pem');
    await server.stop();
  });
});

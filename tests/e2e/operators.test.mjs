// Errors of operators and machines: logs that are not read, full disks, option files that cannot be
// read any more, signals at the wrong moment, printed URLs that cannot be opened.
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { band } from './scenarios/band.mjs';
import { connect, ways } from './support/client.mjs';
import { eventually, within } from './support/patience.mjs';
import { freePort } from './support/ports.mjs';
import { httpRequest, RawPeer } from './support/raw.mjs';
import { binary, environment as env, run, Server } from './support/server.mjs';

const [, overWebSocket] = ways;

let folder;
before(() => (folder = mkdtempSync(join(tmpdir(), 'downbeat-operators-'))));
after(() => rmSync(folder, { recursive: true }));

/** The value of a metric. */
async function metric(server, name) {
  const { body } = await httpRequest(`${server.url}/metrics`);
  return Number(body.match(new RegExp(`^${name} (\\S+)$`, 'm'))[1]);
}

/** Makes the server write so many lines into its log. */
async function writeLines(server, count) {
  const peer = await RawPeer.join(server.url, 'websocket');
  const atOnce = 250;
  for (let written = 0; written < count; written += 2 * atOnce) {
    for (let i = 0; i < atOnce; ++i) {
      peer.send('41');
      peer.send('40');
    }
    for (let i = 0; i < atOnce; ++i) await peer.next();
  }
  peer.close();
}

describe('A log that nobody reads', () => {
  const enoughLines = 20_000;

  it('Stops nobody; its oldest lines are dropped, counted, and reported when it flows again', async () => {
    const server = await Server.start('--no-limits');
    const clients = [];
    try {
      server.read(false);
      await writeLines(server, enoughLines);
      const enter = async () => {
        clients.push(await connect(server.url, overWebSocket));
        return clients.at(-1);
      };
      await band(enter, 'Alice', 'Bob');
      assert.equal((await httpRequest(`${server.url}/healthz`)).status, 200);
      assert.ok((await metric(server, 'downbeat_log_lines_dropped_total')) > 0);

      server.read(true);
      await server.logged('session joined', 'name=Bob');
      const missing = await metric(server, 'downbeat_log_lines_dropped_total');
      clients.forEach((client) => client.close());
      await server.stop();
      const gaps = [...server.log.matchAll(/(\d+) lines? of the log w/g)];
      const reported = gaps.reduce((sum, [, dropped]) => sum + Number(dropped), 0);
      assert.equal(reported, missing);
      // Before the latest lines there is a gap, and after it nothing is missing.
      const written = server.lines('client connected').length + server.lines('client disconnected').length;
      assert.ok(written < enoughLines && written + missing >= enoughLines, `${written} + ${missing}`);
      const after = server.log.slice(gaps.at(-1).index);
      assert.ok(after.match(/client connected/g).length > 1_000);
      for (const name of ['Alice', 'Bob']) assert.match(after, new RegExp(`session [^\n]* name=${name}\n`));
      assert.match(server.log, /shutting down[^\n]*\n$/);
    } finally {
      clients.forEach((client) => client.close());
      server.read(true);
      await server.stop();
    }
  });

  it('Does not keep the server from its end', async () => {
    const server = await Server.start('--no-limits');
    try {
      server.read(false);
      await writeLines(server, enoughLines);
      assert.deepEqual(await server.terminate(), { code: 0, signal: null });
    } finally {
      server.read(true);
      await server.stop();
    }
  });
});

describe('JSON logs', () => {
  it('Have no line that is not JSON, on either stream', async () => {
    const server = await Server.startIn(
      { DOWNBEAT_PROT: '3' },
      ...['serve', '--host', '127.0.0.1', '--port', '0', '--log-format', 'json'],
    );
    try {
      const second = await run('serve', '--host', '127.0.0.1', '--port', `${server.port}`, '--log-format', 'json');
      assert.equal(second.code, 1);
      assert.equal(second.stdout, '');
      assert.equal(JSON.parse(second.stderr).level, 'error');
      assert.ok(JSON.parse(second.stderr).reason.includes(`${server.port}`));
      process.kill(server.pid, 'SIGHUP');
      await server.logged('limits reloaded');
    } finally {
      await server.stop();
    }
    const records = server.log.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual(records[0].variable, 'DOWNBEAT_PROT; did you mean DOWNBEAT_PORT?');
    assert.equal(records[0].level, 'warn');
    assert.equal(records[1].url, server.url);
  });

  it('In text, a warning is a warn', async () => {
    const server = await Server.startIn({ DOWNBEAT_PROT: '3' }, 'serve', '--port', '0');
    await server.stop();
    assert.match(server.log, /^[-\d]+ [:.\d]+ warn    unknown environment variable .*DOWNBEAT_PROT/m);
  });
});

describe('Signals', () => {
  it('After SIGTERM, a SIGHUP changes nothing about the exit code', async () => {
    for (let i = 0; i < 20; ++i) {
      const child = spawn(binary, ['serve', '--port', '0', '--log-level', 'off'], { env });
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      child.kill('SIGTERM');
      // All of the way to its end.
      const hangUp = setInterval(() => child.kill('SIGHUP'));
      try {
        for (let k = 0; k < 50; ++k) child.kill('SIGHUP');
        const [code, signal] = await within(ended, () => 'the end of the server');
        assert.deepEqual([code, signal], [0, null]);
      } finally {
        clearInterval(hangUp);
        child.kill('SIGKILL');
      }
    }
  });

  it('A second SIGTERM ends it at once', async () => {
    const server = await Server.start('--drain-timeout', '600000');
    const alice = await connect(server.url, overWebSocket, { reconnection: false });
    try {
      await alice.request('session:create', { name: 'Alice' });
      const end = server.stop();
      await alice.until('server:closing');
      process.kill(server.pid, 'SIGTERM');
      assert.equal((await end).code, 128 + 15);
    } finally {
      alice.close();
    }
  });
});

describe('SIGHUP with a file of options', () => {
  const file = () => join(folder, 'downbeat.conf');
  const states = {
    'that is gone': () => {},
    'that is a folder': () => mkdirSync(file()),
    'that is a link to itself': () => symlinkSync('downbeat.conf', file()),
    'that is a pipe': () => execFileSync('mkfifo', [file()]),
    'that is not text': () => writeFileSync(file(), Buffer.from([0xff, 0xfe, 0, 1])),
    'that is too large': () => writeFileSync(file(), '\n'.repeat(2_000_000)),
    'with an empty value': () => writeFileSync(file(), 'record = ""\nmax-participants = 1\n'),
    'with an octal number': () => writeFileSync(file(), 'max-participants = 01\n'),
  };
  if (process.getuid() !== 0) {
    states['that may not be read'] = () => {
      writeFileSync(file(), 'max-participants = 1\n');
      chmodSync(file(), 0);
    };
  }

  it('that cannot be read, or not be understood, everything stays as it was', async () => {
    writeFileSync(file(), 'max-participants = 2\n');
    const server = await Server.start('--config', file());
    try {
      for (const [state, make] of Object.entries(states)) {
        rmSync(file(), { recursive: true, force: true });
        make();
        const before = server.lines('limits not reloaded').length;
        process.kill(server.pid, 'SIGHUP');
        await eventually(
          () => server.lines('limits not reloaded').length > before,
          () => `the line of a file ${state}`,
        );
        writeFileSyncAnew(file(), 'max-participants = 2\n');
      }
      const clients = [];
      const enter = async () => {
        clients.push(await connect(server.url, overWebSocket));
        return clients.at(-1);
      };
      await band(enter, 'Alice', 'Bob');
      clients.forEach((client) => client.close());
      assert.equal(server.lines('limit changed').length, 0);
    } finally {
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
    }
  });

  it('At the start each of them is one line, and code 2', async () => {
    for (const [state, make] of Object.entries(states)) {
      rmSync(file(), { recursive: true, force: true });
      make();
      const { code, stdout, stderr } = await run('serve', '--port', '0', '--config', file());
      assert.deepEqual([code, stdout], [2, ''], state);
      assert.match(stderr, /^downbeat serve: [^\n]+\n$/, state);
      assert.doesNotMatch(stderr, /std::|terminate|filesystem/, state);
    }
    rmSync(file(), { recursive: true, force: true });
  });

  it('with larger events takes them from everybody, and names what a restart would change', async () => {
    writeFileSync(file(), 'max-participants = 5\n');
    const server = await Server.start('--config', file());
    const clients = [];
    const enter = async () => {
      clients.push(await connect(server.url, overWebSocket));
      return clients.at(-1);
    };
    try {
      const { members: [alice, bob] } = await band(enter, 'Alice', 'Bob');
      writeFileSync(file(), 'max-event-bytes = 200000\nping-interval = 7000\n');
      process.kill(server.pid, 'SIGHUP');
      await server.logged('limits reloaded');
      await server.logged('limit changed', 'max-event-bytes', 'to=200000');
      await server.logged('limit changed', 'max-payload', 'from=65536', 'to=800000');
      await server.logged('option not changed', 'ping-interval is changed only by a restart');
      // From a client that was connected before, and from a new one on the other transport.
      const data = 'x'.repeat(150_000);
      alice.emit('session:event', { type: 'sample', data });
      assert.equal((await bob.until('session:event')).data, data);
      const carol = await connect(server.url, ways[0]);
      clients.push(carol);
      await carol.request('session:create', { name: 'Carol' });
      assert.equal((await carol.request('session:event', { type: 'sample', data })).ok, true);
    } finally {
      clients.forEach((client) => client.close());
      await server.stop();
    }
  });
});

describe('A recording that cannot be written', () => {
  it('ends with a line and a metric, the server goes on, and it replays up to its end', async () => {
    const file = join(folder, 'full.trace');
    const server = await Server.start('--record', file);
    try {
      // In the middle of a long line, wherever the lines before it end.
      const limit = String(statSync(file).size + 5_400);
      execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${limit}:${limit}`]);
      const clients = [];
      const enter = async () => {
        clients.push(await connect(server.url, overWebSocket));
        return clients.at(-1);
      };
      const { members: [alice, bob] } = await band(enter, 'Alice', 'Bob');
      for (let i = 0; i < 20; ++i) alice.emit('session:event', { type: 'note', data: 'x'.repeat(2_000) });
      await server.logged('recording stopped', 'File too large');
      await bob.until('session:event');
      clients.forEach((client) => client.close());
      assert.equal(server.lines('recording stopped').length, 1);
      assert.equal(await metric(server, 'downbeat_recording_failures_total'), 1);
    } finally {
      assert.deepEqual(await server.stop(), { code: 0, signal: null });
    }
    const { code, stdout } = await run('replay', file);
    assert.equal(code, 0);
    assert.match(stdout, /all equal; digest [0-9a-f]{16}; the recording is cut off in line \d+\n$/);
    assert.equal((await run('redact', file)).code, 0);
  });
});

describe('Files and streams', () => {
  it('Replaying and redacting what cannot be read is one line', async () => {
    const loop = join(folder, 'loop');
    symlinkSync('loop', loop);
    for (const command of ['replay', 'redact']) {
      for (const file of [folder, loop, '/dev/zero', '', join(folder, 'x'.repeat(300))]) {
        const { code, stdout, stderr } = await run(command, file);
        assert.deepEqual([code, stdout], [2, '']);
        assert.match(stderr, new RegExp(`^downbeat ${command}: cannot read [^\\n]+\\n$`));
      }
    }
  });

  it('What cannot be printed is one line, and a failure', () => {
    const recording = join(folder, 'short.trace');
    writeFileSync(recording, 'downbeat trace 2 {}\n');
    const commands = [
      ['--help'],
      ['--version'],
      ['serve', '--help'],
      ['serve', '--version'],
      ['replay', recording],
      ['replay', '--help'],
      ['redact', recording],
      ['healthcheck', '--help'],
    ];
    for (const args of commands) {
      const full = openSync('/dev/full', 'w');
      const { status, stderr } = spawnSync(binary, args, { env, stdio: ['ignore', full, 'pipe'] });
      assert.notEqual(status, 0, args.join(' '));
      assert.match(`${stderr}`, /^downbeat[ a-z]*: cannot write the output: No space left on device\n$/);
      const closed = spawnSync('sh', ['-c', 'exec "$@" >&-', 'sh', binary, ...args], { env });
      assert.notEqual(closed.status, 0, args.join(' '));
      assert.match(`${closed.stderr}`, /^downbeat[ a-z]*: cannot write the output: [^\n]+\n$/);
    }
  });

  it('A server whose output is closed does not write its log into its recording', async () => {
    const recording = join(folder, 'closed.trace');
    const port = await freePort();
    const args = ['serve', '--host', '127.0.0.1', '--port', `${port}`, '--record', recording];
    const child = spawn('sh', ['-c', 'exec "$@" <&- >&- 2>&-', 'sh', binary, ...args], { env });
    const ended = once(child, 'exit');
    const isReady = () => spawnSync(binary, ['healthcheck', ...args.slice(1, 5)], { env }).status === 0;
    await eventually(isReady, () => 'the server to be ready');
    child.kill('SIGTERM');
    assert.deepEqual(await within(ended, () => 'its end'), [0, null]);
    assert.equal((await run('replay', recording)).code, 0);
  });
});

describe('downbeat healthcheck', () => {
  it('asks the server that has these options, and says whether it is ready', async () => {
    const server = await Server.start('--drain-timeout', '600000');
    const options = ['--host', '127.0.0.1', '--port', `${server.port}`];
    assert.equal((await run('healthcheck', ...options)).code, 0);
    const alice = await connect(server.url, overWebSocket, { reconnection: false });
    await alice.request('session:create', { name: 'Alice' });
    const end = server.stop();
    await alice.until('server:closing');
    assert.equal((await run('healthcheck', ...options)).code, 1);
    alice.close();
    await end;
    const gone = await run('healthcheck', ...options);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /^downbeat healthcheck: [^\n]*not ready[^\n]*\n$/);
    assert.equal((await run('healthcheck', '--port', '0x10')).code, 2);
    assert.equal((await run('healthcheck', '--port', '0')).code, 2);
  });
});

describe('Listening', () => {
  const hasIpv6 = Object.values(networkInterfaces()).flat().some(({ address }) => address === '::1');

  it('On every interface, IPv4 is one of them, and the URL that is printed can be opened', async () => {
    for (const host of ['0.0.0.0', ...(hasIpv6 ? ['::', '::1'] : [])]) {
      const server = await Server.startWith('serve', '--host', host, '--port', '0');
      try {
        const [, url] = server.log.match(/^downbeat listening on (\S+)$/m);
        assert.equal((await httpRequest(`${url}/healthz`)).status, 200);
        const others = [...server.log.matchAll(/^On the network: (\S+)$/gm)].map(([, other]) => other);
        if (host === '::1') assert.deepEqual(others, []);
        else assert.equal((await httpRequest(`${server.url}/healthz`)).status, 200);
      } finally {
        await server.stop();
      }
    }
  });
});

/** Writes a file where something else may have been. */
function writeFileSyncAnew(file, text) {
  rmSync(file, { recursive: true, force: true });
  writeFileSync(file, text);
}

// What may be wrong with the folder of --data and with its disk: damaged files, other processes, no space.
import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, cpSync, existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { readFileSync, readlinkSync, renameSync, rmSync, statSync, symlinkSync, truncateSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually, within } from './support/patience.mjs';
import { random } from './support/random.mjs';
import { back, duo, metric } from './support/seats.mjs';
import { binary, environment, run, Server } from './support/server.mjs';
import { certificateVariables, isTls } from './support/tls.mjs';
import { restarts, viewOf } from './support/venue.mjs';

const [overPolling, overWebSocket] = ways;
const chance = random('journal_faults');

/** So many sessions with one member each; these members. */
async function fill(open, count) {
  const hosts = [];
  for (let i = 0; i < count; ++i) {
    const host = open(overWebSocket);
    await host.until('connect');
    assert.equal((await host.request('session:create', { name: `Host ${i}` })).ok, true);
    hosts.push(host);
  }
  return hosts;
}

/** All files below the folder, with their bytes. SQLite may leave a write-ahead log with nothing in it. */
function contentsOf(folder) {
  const isEmptyLog = (name) => name.endsWith('-wal') && lstatSync(join(folder, name)).size === 0;
  const names = readdirSync(folder).filter((name) => !isEmptyLog(name)).sort();
  return names.map((name) => {
    const file = join(folder, name);
    return [name, lstatSync(file).isFile() ? readFileSync(file).toString('base64') : 'no file'];
  });
}

/** A process of this venue must end with this code and one line that has this part. */
async function isRefused(venue, code, part, ...more) {
  const all = ['serve', '--host', '127.0.0.1', '--port', String(venue.port), ...venue.arguments(...more)];
  const result = await run(...all);
  assert.equal(result.code, code, result.all);
  assert.equal(result.stdout, '');
  assert.match(result.stderr, /^downbeat serve: --data: [^\n]+\n$/);
  assert.ok(result.stderr.includes(part), result.stderr);
}

describe('A folder of another process', () => {
  restarts('is refused with code 3, in one line', [], async ({ venue, open }) => {
    const alice = open(overWebSocket);
    const bob = open(overPolling);
    const roomCode = await duo(alice, bob);
    await isRefused(venue, 3, `${venue.file} is in use by another process`);
    await isRefused(venue, 3, `${venue.file} is in use by another process`, '--wait-for-data', '1');
    // Which has cost the first one nothing.
    const carol = open(overPolling);
    await carol.until('connect');
    assert.equal((await carol.request('session:join', { roomCode, name: 'Carol' })).ok, true);
    await venue.crash();
    await Promise.all([alice, bob, carol].map(back));
  });

  for (const end of ['kill', 'stop']) {
    restarts(`is taken over by one that waits: ${end}`, [], async ({ venue, open }) => {
      const alice = open(overWebSocket);
      const bob = open(overPolling);
      await duo(alice, bob);
      const ids = [alice.id, bob.id];
      const first = venue.server;
      const second = venue.start('--wait-for-data', '600');
      await eventually(
        () => holdersOf(venue.file).length === 2,
        () => `a second process that has ${venue.file} open; there are ${holdersOf(venue.file)}`,
      );
      await first[end]();
      await second;
      await Promise.all([alice, bob].map(back));
      assert.deepEqual([alice.id, bob.id], ids);
    });
  }
});

/** The processes that have this file open. */
function holdersOf(file) {
  const isOpenIn = (pid) => {
    try {
      return readdirSync(`/proc/${pid}/fd`).some((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`) === file;
        } catch {
          return false;
        }
      });
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && isOpenIn(name));
}

describe('A file that cannot be used', () => {
  const edit = (change) => ({ file }) => {
    const bytes = readFileSync(file);
    change(bytes);
    writeFileSync(file, bytes);
  };
  const replace = (bytes) => ({ file }) => writeFileSync(file, bytes);
  const exchange = (make) => ({ file }) => {
    rmSync(file);
    make(file);
  };
  const cases = {
    'that is empty': [replace(''), 'is damaged'],
    'of one byte': [replace('S'), 'is damaged'],
    'of text': [replace('# my notes\n'.repeat(2_000)), 'is damaged'],
    'of random bytes': [replace(Buffer.from(Array.from({ length: 20_000 }, () => chance.below(256)))), 'is damaged'],
    'that has only a head': [({ file }) => truncateSync(file, 100), 'is damaged'],
    'that is cut in its first page': [({ file }) => truncateSync(file, 4_000), 'is damaged'],
    'that is cut behind its first page': [({ file }) => truncateSync(file, 4_096), 'is damaged'],
    'that is cut in the middle': [({ file }) => truncateSync(file, statSync(file).size / 2), 'is damaged'],
    'without the last page': [({ file }) => truncateSync(file, statSync(file).size - 4_096), 'is damaged'],
    'with zeros in the middle': [edit((bytes) => bytes.fill(0, 4_096)), 'is damaged'],
    'with noise in the middle': [edit((bytes) => bytes.fill(0xa5, 4_096)), 'is damaged'],
    'of a newer version': [edit((bytes) => bytes.writeUInt32BE(2, 60)), 'is of version 2'],
    'of the last version': [edit((bytes) => bytes.writeUInt32BE(0x7fffffff, 60)), 'is of version 2147483647'],
    'of another program': [edit((bytes) => bytes.writeUInt32BE(0x47504b47, 68)), 'belongs to another program'],
    'of no program': [edit((bytes) => bytes.writeUInt32BE(0, 68)), 'belongs to another program'],
    'that is a folder': [exchange((file) => mkdirSync(file)), ''],
    'that is a link to itself': [exchange((file) => symlinkSync('sessions.db', file)), ''],
    'that is a link to nothing': [exchange((file) => symlinkSync('nothing', file)), ''],
    'that is a pipe': [exchange((file) => execFileSync('mkfifo', [file])), ''],
    'that is a device': [exchange((file) => symlinkSync('/dev/full', file)), ''],
  };
  restarts('is refused with code 4, in one line, and is not touched', [], async ({ venue, open }) => {
    const hosts = await fill(open, 8);
    const whole = `${venue.folder}.whole`;
    assert.equal((await venue.server.stop()).code, 0);
    const copy = (from, to) => cpSync(from, to, { recursive: true, filter: (name) => !name.endsWith('/control') });
    copy(venue.folder, whole);
    for (const [title, [spoil, part]] of Object.entries(cases)) {
      rmSync(venue.folder, { recursive: true });
      copy(whole, venue.folder);
      try {
        spoil(venue);
        const before = contentsOf(venue.folder);
        await isRefused(venue, 4, part);
        const isSame = JSON.stringify(contentsOf(venue.folder)) === JSON.stringify(before);
        assert.ok(isSame, `the folder is as it was, not ${readdirSync(venue.folder)}`);
      } catch (error) {
        error.message = `A file ${title}: ${error.message}`;
        throw error;
      }
    }
    rmSync(venue.folder, { recursive: true });
    renameSync(whole, venue.folder);
    await venue.start();
    await Promise.all(hosts.map(back));
  });

  restarts('nor a folder that cannot be one', [], async ({ venue }) => {
    await venue.server.stop();
    const file = join(venue.base, 'file');
    writeFileSync(file, 'notes');
    for (const folder of [file, join(file, 'below'), '/proc/nowhere', '/dev/null']) {
      venue.folder = folder;
      await isRefused(venue, 4, folder);
    }
    assert.equal(readFileSync(file, 'utf8'), 'notes');
  });

  restarts('because it must not be written', [], async ({ venue }) => {
    await venue.server.stop();
    // Root may write everything: the process is somebody else's.
    const isRoot = process.getuid() === 0;
    const program = isRoot ? join(venue.base, 'downbeat') : binary;
    if (isRoot) copyFileSync(binary, program);
    chmodSync(venue.base, 0o755);
    const all = ['serve', '--host', '127.0.0.1', '--port', String(venue.port), ...venue.arguments()];
    const start = () =>
      within(
        new Promise((resolve) => {
          const how = { env: environment, ...(isRoot && { uid: 65_534, gid: 65_534 }) };
          execFile(program, all, how, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }));
        }),
        () => 'the end of a server that may not write',
      );
    const modes = [[0o555, 0o444, ''], [0o777, 0o444, 'cannot be written'], [0o777, 0, ''], [0, 0, '']];
    for (const [folder, file, part] of modes) {
      chmodSync(venue.folder, 0o755);
      chmodSync(venue.file, file);
      chmodSync(venue.folder, folder);
      const before = isRoot ? contentsOf(venue.folder) : [];
      const { code, stdout, stderr } = await start();
      assert.deepEqual([code, stdout], [4, ''], stderr);
      assert.match(stderr, /^downbeat serve: --data: [^\n]+\n$/);
      assert.ok(stderr.includes(part), stderr);
      if (isRoot) assert.deepEqual(contentsOf(venue.folder), before);
    }
    chmodSync(venue.folder, 0o755);
    chmodSync(venue.file, 0o644);
  });
});

describe('What a crash leaves', () => {
  restarts('half of a new file is in nobody\'s way', [], async ({ venue, open }) => {
    await venue.server.stop();
    rmSync(venue.file);
    writeFileSync(`${venue.file}.new`, 'SQLite format 3\0 and no more');
    writeFileSync(`${venue.file}.new-journal`, 'half');
    await venue.start();
    assert.ok(readdirSync(venue.folder).includes('sessions.db'));
    assert.equal((statSync(venue.file).mode & 0o777).toString(8), '600');
    const [host] = await fill(open, 1);
    // Beside a whole file it is of no interest.
    await venue.server.kill();
    writeFileSync(`${venue.file}.new`, 'half');
    await venue.start();
    await back(host);
  });

  restarts('a torn write-ahead log gives what is whole of it', [], async ({ venue, open }) => {
    const count = 12;
    const wal = `${venue.file}-wal`;
    let bytes;
    for (;;) {
      await fill(open, count);
      await venue.server.kill();
      bytes = readFileSync(wal);
      if (bytes.length > 0) break;
      // Nothing had come for a while, so all of it is in the file already: there is nothing to tear.
      rmSync(venue.folder, { recursive: true });
      await venue.start();
    }
    const whole = `${venue.folder}.whole`;
    const copy = (from, to) => cpSync(from, to, { recursive: true, filter: (name) => !name.endsWith('/control') });
    copy(venue.folder, whole);
    /** How many sessions there are with this as write-ahead log. */
    const restored = async (log) => {
      rmSync(venue.folder, { recursive: true });
      copy(whole, venue.folder);
      if (log) writeFileSync(wal, log);
      else rmSync(wal);
      await venue.start();
      const line = await venue.server.logged('sessions are kept');
      await venue.server.kill();
      return Number(line.match(/restored=(\d+)/)[1]);
    };
    const cuts = Array.from({ length: 10 }, () => chance.below(bytes.length)).sort((a, b) => a - b);
    let least = await restored(null);
    for (const cut of [0, 31, 32, ...cuts]) {
      const now = await restored(bytes.subarray(0, cut));
      assert.ok(now >= least, `${now} sessions after ${cut} bytes of ${bytes.length}, and ${least} after fewer`);
      least = now;
    }
    assert.ok(least < count, `${least} sessions though the end is missing`);
    assert.equal(await restored(bytes), count);
    assert.equal(await restored(Buffer.concat([bytes, Buffer.alloc(5_000, 7)])), count);
    const changed = Buffer.from(bytes);
    const at = 32 + chance.below(bytes.length - 32);
    changed[at] ^= 0x10;
    assert.ok((await restored(changed)) < count, `byte ${at} of ${bytes.length} was another one`);
  });
});

/** What files of the server may be no larger than, in bytes; with 0 each write fails, as on a full disk. */
function limitFiles({ server }, bytes) {
  execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`]);
}

describe('A disk that is full', () => {
  for (const [durability, threads] of [['process', '1'], ['power', '2']]) {
    const options = ['--durability', durability, '--threads', threads];
    restarts(`lets all play on, with ${options.join(' ')}`, options, async ({ venue, open }) => {
      const [alice, bob, dora] = [open(overWebSocket), open(overPolling), open(overWebSocket)];
      const roomCode = await duo(alice, bob);
      await dora.until('connect');
      assert.equal((await dora.request('session:join', { roomCode, name: 'Dora' })).ok, true);
      await dora.until('session:joined');
      const carol = open(overPolling);
      await carol.until('connect');
      const id = bob.id;

      limitFiles(venue, 0);
      const codes = [];
      for (let i = 0; i < 10; ++i) {
        codes.push((await carol.request('session:create', { name: 'Carol' })).error?.code);
        codes.push((await carol.request('session:join', { roomCode, name: 'Carol' })).error?.code);
        codes.push((await bob.request('session:update', { name: 'Robert' })).error?.code);
      }
      assert.deepEqual(new Set(codes), new Set(['try_again']));
      assert.equal((await bob.request('session:event', { type: 'note', data: 1 })).ok, true);
      assert.deepEqual(await alice.until('session:event'), { userId: id, type: 'note', data: 1 });
      assert.equal((await bob.request('session:leave', { roomCode })).ok, true);
      assert.deepEqual(await alice.until('session:user-left'), { userId: id });
      dora.socket.io.engine.close();
      assert.equal((await alice.until('session:user-left')).away, true);
      assert.equal((await back(dora)).resumed, true);
      const why = await venue.server.logged('journal not written', venue.file);
      assert.match(why, / error .*reason="disk I.O error( \(File too large\))?"/);
      assert.ok(venue.server.lines('journal not ').length < codes.length / 2, 'the log is not filled, too');

      limitFiles(venue, 'unlimited');
      await eventually(
        async () => (await carol.request('session:create', { name: 'Carol' })).ok,
        () => `a session of Carol's\n${carol.story()}`,
      );
      await venue.server.logged('journal written again', venue.file);
      await eventually(
        async () => (await metric(venue, 'downbeat_journal_owed_events')) === 0,
        () => 'the journal to have all events',
      );
      await venue.crash();
      assert.deepEqual((await back(alice)).roomCode, roomCode);
      await back(dora);
      await back(carol);
      await eventually(() => bob.socket.connected && bob.id !== id, () => bob.story());
      await alice.caughtUp();
      assert.deepEqual([...viewOf(alice).present.values()], ['Alice', 'Dora']);
      assert.equal(viewOf(alice).away.size, 0);
    });
  }

  restarts('costs nobody a seat who wants another one', ['--threads', '2'], async ({ venue, open }) => {
    const hosts = await fill(open, 6);
    const codes = hosts.map((host) => viewOf(host).roomCode);
    const [alice] = hosts;
    const { id } = alice;
    limitFiles(venue, 0);
    for (const roomCode of codes.slice(1)) {
      // Some of them are at the other event loop.
      const from = alice.transcript.length;
      alice.emit('session:join', { roomCode, name: 'Alice' });
      const answer = () => alice.transcript.slice(from).find(([event]) => /^(error|disconnect)$/.test(event));
      const [event, about] = await eventually(answer, () => `an answer\n${alice.story()}`);
      assert.deepEqual([event, about.code], ['error', 'try_again']);
    }
    assert.equal((await alice.request('session:event', { type: 'note' })).ok, true);
    assert.equal(alice.id, id);
    for (let i = 0; i < 4; ++i) {
      const newcomer = open(overWebSocket);
      await newcomer.until('connect');
      newcomer.emit('session:join', { roomCode: codes[0], name: 'Newcomer' });
      await eventually(() => newcomer.heard().some((event) => /^(error|disconnect)$/.test(event)), () => 'an answer');
      assert.equal(newcomer.heard()[1], 'error', newcomer.story());
    }
  });

  restarts('loses nothing that was acknowledged, when the server ends with it', [], async ({ venue, open }) => {
    const [alice, bob] = [open(overWebSocket), open(overPolling)];
    await duo(alice, bob);
    const carol = open(overWebSocket);
    await carol.until('connect');
    for (const end of ['kill', 'stop']) {
      // Some bytes more than there are, so that a write is cut in the middle.
      limitFiles(venue, statSync(venue.file).size + 100 + chance.below(4_000));
      const made = [];
      for (let i = 0; i < 200; ++i) {
        const answer = await carol.request('session:create', { name: 'Carol' });
        made.push(answer);
        if (!answer.ok) break;
      }
      assert.equal(made.at(-1).error.code, 'try_again');
      const last = made.findLast(({ ok }) => ok);
      await venue.server[end]();
      await venue.start();
      await Promise.all([back(alice), back(bob)]);
      if (last) assert.equal((await back(carol)).roomCode, last.roomCode);
      else await eventually(() => carol.socket.connected, () => carol.story());
    }
  });

  restarts('keeps no server from starting', [], async ({ venue, open }) => {
    const hosts = await fill(open, 3);
    await venue.server.kill();
    const all = ['--fsize=0', binary, 'serve', '--port', String(venue.port), ...venue.arguments()];
    // ThreadSanitizer writes a file to TMPDIR before main(), and would be killed by the limit.
    const env = { ...environment, ...(isTls && certificateVariables()), TMPDIR: '/nowhere' };
    const server = spawn('prlimit', all, { env, stdio: 'ignore' });
    try {
      await Promise.all(hosts.map(back));
      const answer = await hosts[0].request('session:update', { name: 'Ada' });
      assert.equal(answer.error?.code, 'try_again');
    } finally {
      server.kill('SIGKILL');
    }
    await once(server, 'exit');
    await venue.start();
    await Promise.all(hosts.map(back));
  });
});

describe('The options', () => {
  it('want a grace, and a folder that is not public', async () => {
    for (const [args, part] of [
      [['--data', '/nowhere/at/all', '--reconnect-grace', '0'], '--reconnect-grace'],
      [['--data', '/nowhere', '--reconnect-grace', '1', '--durability', 'never'], '--durability'],
      [['--data', '/nowhere', '--wait-for-data', '-1'], '--wait-for-data'],
      [['--data', join(import.meta.dirname, 'data'), '--web-root', import.meta.dirname], '--web-root'],
    ]) {
      const { code, stderr } = await run('serve', '--port', '0', ...args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^downbeat serve: [^\n]+\n$/);
      assert.ok(stderr.includes(part), stderr);
    }
    assert.equal(existsSync('/nowhere'), false);
  });

  it('without a folder, say that sessions are in memory', async () => {
    const server = await Server.start();
    await server.logged('sessions are in memory');
    await server.stop();
  });
});

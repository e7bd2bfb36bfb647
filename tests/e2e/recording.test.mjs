// `downbeat serve --record` while real clients play, and what replay and redact make of the file.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { filesOf, messageOfShard, movedAway, movedIn, recordJam } from './support/recording.mjs';
import { run, Server } from './support/server.mjs';

/** What clients have said of themselves, and where they are. */
const secrets = ['Alice', 'Bob', 'hush', '127.0.0.1'];

describe('A recording of real clients on every transport', () => {
  let folder;
  let file;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'downbeat-recording-'));
    file = join(folder, 'jam.trace');
    await recordJam(file);
  });
  after(() => rm(folder, { recursive: true }));

  it('replays to the same bytes', async () => {
    const { code, stdout } = await run('replay', file);
    assert.match(stdout, /\d+ inputs, \d+ outputs, all equal; digest [0-9a-f]{16}\n$/);
    assert.equal(code, 0);
  });

  it('is for its owner alone', async () => {
    assert.equal((await stat(file)).mode & 0o777, 0o600);
  });

  it('is not overwritten by the next one', async () => {
    const before = await readFile(file, 'utf8');
    const { code, stderr } = await run('serve', '--port', '0', '--record', file);
    assert.equal(code, 1);
    assert.match(stderr, /^downbeat serve: cannot record to [^\n]+: File exists\n$/);
    assert.equal(await readFile(file, 'utf8'), before);
  });

  it('is found out when a byte of it was changed, with the line', async () => {
    const changed = join(folder, 'changed.trace');
    const text = await readFile(file, 'utf8');
    await writeFile(changed, text.replace('Alice', 'Alicf'));
    const { code, stdout } = await run('replay', changed);
    assert.equal(code, 1);
    assert.match(stdout, /: line \d+: the trace says\n/);
  });

  it('replays the same events once it is redacted, and has nothing that was said', async () => {
    const before = await readFile(file, 'utf8');
    const { code, stdout } = await run('redact', file);
    assert.equal(code, 0);
    for (const secret of secrets) {
      assert.ok(before.includes(secret), `${secret} was recorded`);
      assert.ok(!stdout.includes(secret), `${secret} is gone`);
    }
    const redacted = join(folder, 'redacted.trace');
    await writeFile(redacted, stdout);
    assert.equal((await run('replay', redacted)).code, 0);
    const joins = (text) => text.match(/"what":"session joined"/g).length;
    assert.equal(joins(stdout), joins(before));
  });

  it('holds no session id or room code once it is redacted', async () => {
    const before = await readFile(file, 'utf8');
    const { stdout } = await run('redact', file);
    const drawn = new Set([
      ...[...before.matchAll(/\\"sid\\":\\"([\w-]{20})/g)].map(([, sid]) => sid),
      ...[...before.matchAll(/"room":"([^"]+)"/g)].map(([, room]) => room),
    ]);
    assert.ok(drawn.size > 6);
    // Another session may have drawn the same short code by chance; ids are never drawn twice.
    const left = [...drawn].filter((one) => one.length === 20 && stdout.includes(one));
    assert.deepEqual(left, []);
  });
});

describe('A recording of two event loops', () => {
  let folder;
  let files;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'downbeat-recording-'));
    const file = join(folder, 'jam.trace');
    await recordJam(file, 2);
    files = filesOf(file, 2);
  });
  after(() => rm(folder, { recursive: true }));

  it('is a file for each, which replays by itself, also once it is redacted', async () => {
    const recorded = [];
    for (const [index, file] of files.entries()) {
      const before = await readFile(file, 'utf8');
      recorded.push(before);
      assert.ok(before.startsWith(`downbeat trace 2 shard ${index} of 2 {`));
      assert.match(before, messageOfShard);
      assert.match((await run('replay', file)).stdout, /all equal; digest/);
      const { stdout } = await run('redact', file);
      for (const secret of secrets) assert.ok(!stdout.includes(secret), `${secret} is gone`);
      const redacted = `${file}.redacted`;
      await writeFile(redacted, stdout);
      assert.match((await run('replay', redacted)).stdout, /all equal; digest/);
    }
    // Which of the two has which client is for the server to decide.
    const both = recorded.join('');
    for (const secret of secrets) assert.ok(both.includes(secret), `${secret} was recorded`);
  });

  it('holds what moved from one to the other', async () => {
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    assert.match(texts.join(''), movedIn);
    assert.match(texts.join(''), movedAway);
  });

  it('leaves nothing behind when one of its files cannot be made', async () => {
    const file = join(folder, 'next.trace');
    await writeFile(`${file}.1`, 'here already');
    const { code, stderr } = await run('serve', '--port', '0', '--threads', '2', '--record', file);
    assert.equal(code, 1);
    assert.match(stderr, /^downbeat serve: cannot record to [^\n]+\.1: File exists\n$/);
    await assert.rejects(stat(`${file}.0`), { code: 'ENOENT' });
    assert.equal(await readFile(`${file}.1`, 'utf8'), 'here already');
  });

  it('replays as one file, too', async () => {
    const both = join(folder, 'both.trace');
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    await writeFile(both, texts.join(''));
    assert.match((await run('replay', both)).stdout, /2 recordings, .*all equal; digest/);
  });
});

describe('Replaying and redacting', () => {
  for (const command of ['replay', 'redact']) {
    it(`${command} wants one file that is there`, async () => {
      for (const args of [[], ['a', 'b'], ['/nowhere/at-all.trace']]) {
        const { code, stderr } = await run(command, ...args);
        assert.equal(code, 2);
        assert.match(stderr, new RegExp(`^downbeat ${command}: [^\n]+\n$`));
      }
    });
  }

  it('a server that records says so in its log', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'downbeat-recording-'));
    const server = await Server.start('--record', join(folder, 'jam.trace'));
    await server.logged('recording everything, secrets included');
    await server.stop();
    await rm(folder, { recursive: true });
  });
});

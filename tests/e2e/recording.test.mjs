// What `downbeat serve --record` writes down while real clients play, and what becomes of it.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';

import { recordJam } from './support/recording.mjs';
import { run, Server } from './support/server.mjs';

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
    assert.match(stdout, /\d+ facts, \d+ orders, all the same; digest [0-9a-f]{16}\n$/);
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

  it('tells the same story once it is redacted, and nothing that was said', async () => {
    const before = await readFile(file, 'utf8');
    const { code, stdout } = await run('redact', file);
    assert.equal(code, 0);
    for (const secret of ['Alice', 'Bob', 'hush', '127.0.0.1']) {
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
    const secrets = new Set([
      ...[...before.matchAll(/\\"sid\\":\\"([\w-]{20})/g)].map(([, sid]) => sid),
      ...[...before.matchAll(/"room":"([^"]+)"/g)].map(([, room]) => room),
    ]);
    assert.ok(secrets.size > 6);
    // Another session may have drawn the same short code by chance; ids are never drawn twice.
    const left = [...secrets].filter((secret) => secret.length === 20 && stdout.includes(secret));
    assert.deepEqual(left, []);
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

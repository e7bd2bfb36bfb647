// A recording of the native server replays in WebAssembly to the same bytes.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';

import { recordJam } from '../e2e/support/recording.mjs';
import { run } from '../e2e/support/server.mjs';
import { createServer, replay } from './support/jam.mjs';

const folder = await mkdtemp(join(tmpdir(), 'downbeat-recording-'));
after(() => rm(folder, { recursive: true }));

it('a recording of real clients ends natively and in WebAssembly in the same digest', async () => {
  const file = join(folder, 'jam.trace');
  await recordJam(file);
  const { stdout } = await run('replay', file);
  const [, facts, orders, digest] = stdout.match(/(\d+) facts, (\d+) orders.*digest (\w+)/);
  const found = await replay(await readFile(file, 'utf8'));
  assert.deepEqual(found, {
    facts: Number(facts),
    orders: Number(orders),
    digest,
    difference: null,
  });
});

it('both say which build they are of, and here it is the same', async () => {
  const server = await createServer();
  const { version, commit } = server.build;
  assert.equal((await run('--version')).stdout, `downbeat ${version} (${commit})\n`);
  await server.close();
});

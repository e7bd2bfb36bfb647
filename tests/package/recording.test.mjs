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

/** Replays a file on both sides. */
async function compare(file) {
  const { stdout } = await run('replay', file);
  const counts = /(\d+) inputs, (\d+) outputs.*digest (\w+)/;
  const [, inputs, outputs, digest] = stdout.match(counts);
  const found = await replay(await readFile(file, 'utf8'));
  assert.deepEqual(found, {
    inputs: Number(inputs),
    outputs: Number(outputs),
    digest,
    difference: null,
  });
}

it('a recording of real clients ends natively and in WebAssembly in the same digest', async () => {
  const file = join(folder, 'jam.trace');
  await recordJam(file);
  await compare(file);
});

it('so does that of each of two event loops, with all who moved between them', async () => {
  const file = join(folder, 'threads.trace');
  await recordJam(file, 2);
  await compare(`${file}.0`);
  await compare(`${file}.1`);
});

it('both say which build they are of, and here it is the same', async () => {
  const server = await createServer();
  const { version, commit } = server.build;
  assert.equal((await run('--version')).stdout, `downbeat ${version} (${commit})\n`);
  await server.close();
});

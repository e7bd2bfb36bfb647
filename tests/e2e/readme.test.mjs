// The README's table of options says what `downbeat serve --help` says.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const binary =
  process.env.DOWNBEAT_BIN ?? new URL('../../build/native-release/bin/downbeat', import.meta.url).pathname;

/** Each option with its default: `--port` and `3001`, or an empty text where it has none. */
function optionsOfHelp() {
  const help = execFileSync(binary, ['serve', '--help'], { encoding: 'utf8' });
  const lines = help.matchAll(/^ {2}(--[a-z-]+)(?: [A-Z]+(?:=(\S+))?)?/gm);
  return [...lines].map(([, name, standard]) => [name, standard ?? '']);
}

function optionsOfReadme() {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
  const rows = readme.matchAll(/^\| `(--[a-z-]+)[^|]*\| ([^|]*)\|/gm);
  return [...rows].map(([, name, standard]) => [name, standard.trim().split(' ')[0]]);
}

test('The README lists every option of the help, with its default, and no other', () => {
  // The text around the table describes these.
  const told = new Set(['--version', '--help', '--config']);
  assert.deepEqual(
    optionsOfReadme(),
    optionsOfHelp().filter(([name]) => !told.has(name)),
  );
});

test('Tables and types are what the program says of itself', () => {
  const script = new URL('../../scripts/generate-tables.mjs', import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], {
    encoding: 'utf8',
    env: { ...process.env, DOWNBEAT_BIN: binary },
  });
  assert.equal(stdout + stderr, '');
  assert.equal(status, 0);
});

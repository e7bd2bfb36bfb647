// The command line of the conformance server.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import { ours, tested } from './support/server.mjs';

const run = (...options) => spawnSync(tested[0], options, { encoding: 'utf8' });

ours('--help names the options that the README names', () => {
  const { status, stdout, stderr } = run('--help');
  assert.deepEqual([status, stderr], [0, '']);
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
  const names = (text, form) => [...text.matchAll(form)].map(([, option]) => option);
  const described = names(readme, /^\| `(--[a-z-]+(?: [^`]+)?)` \|/gm);
  assert.ok(described.length > 5);
  assert.deepEqual(names(stdout, /^ {2}(--[a-z-]+(?: \S+)?)/gm), described);
});

for (const [options, line] of [
  [['--recovery', 'soon'], "--recovery cannot be 'soon'"],
  [['--recovery', '-1'], "--recovery cannot be '-1'"],
  [['--port'], '--port needs a value'],
  [['--port', '--recovery'], '--port needs a value'],
  [['--recover'], '--recover needs a value'],
  [['--recover', '1'], "there is no option '--recover'"],
]) {
  ours(`${options.join(' ')} is refused`, () => {
    const { status, stdout, stderr } = run(...options);
    assert.deepEqual([status, stdout, stderr], [1, '', `conformance-server: ${line}\n`]);
  });
}

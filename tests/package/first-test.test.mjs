// The README's first test, as a reader would copy it into a new project.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';

import { Project } from './support/project.mjs';

/** The first example of the installed README that has this text in it. */
export async function exampleWith(project, text) {
  const readme = await readFile(project.path('node_modules/downbeat/README.md'), 'utf8');
  const examples = [...readme.matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, code]) => code);
  return examples.find((code) => code.includes(text));
}

describe('The README', () => {
  it('has a first test that passes in a fresh Node project', async () => {
    const project = await Project.create();
    const test = await exampleWith(project, 'node:test');
    await project.write('first.test.mjs', test);
    const { stdout } = await project.run(
      process.execPath,
      '--test',
      '--test-reporter=tap',
      'first.test.mjs',
    );
    assert.match(stdout, /^# pass 1$/m);
    assert.match(stdout, /^# fail 0$/m);
    const lines = test.split('\n').filter((line) => line !== '');
    assert.ok(lines.length <= 11, 'ten lines and a bracket');
  });

  it('has the sizes in it', async () => {
    const project = await Project.create();
    const readme = await readFile(project.path('node_modules/downbeat/README.md'), 'utf8');
    assert.match(readme, /^\| `downbeat`: .* \| [\d.]+ kB \| [\d.]+ kB \| \d\d\.\d kB \|$/m);
  });
});

describe('The package', () => {
  it('has the version of the CMake project, and nothing to install', async () => {
    const project = await Project.create({});
    const manifest = JSON.parse(await readFile(project.path('node_modules/downbeat/package.json')));
    const cmake = await readFile(new URL('../../CMakeLists.txt', import.meta.url), 'utf8');
    assert.equal(manifest.version, cmake.match(/VERSION (\d+\.\d+\.\d+) LANGUAGES/)[1]);
    assert.equal(manifest.dependencies, undefined);
    assert.equal(manifest.devDependencies, undefined);
    assert.equal(manifest.scripts, undefined);
  });

  it('is used in a process that ends by itself', async () => {
    const project = await Project.create({});
    await project.write(
      'idle.mjs',
      `
      import { createServer } from 'downbeat';
      await createServer({ pingInterval: 1000 });
      console.log('made');`,
    );
    const { stdout } = await project.run(process.execPath, 'idle.mjs');
    assert.equal(stdout, 'made\n');
  });
});

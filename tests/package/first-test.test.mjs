// The README's first test, as a reader would copy it into a new project.
import assert from 'node:assert/strict';
import { access, mkdir, readFile, symlink } from 'node:fs/promises';
import { describe, it } from 'node:test';

import { built, Project } from './support/project.mjs';

/** The first example of the installed README that has this text in it. */
export async function exampleWith(project, text) {
  const readme = await readFile(project.path('node_modules/downbeat-server/README.md'), 'utf8');
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

  it('has a test of a lost network that passes', async () => {
    const project = await Project.create();
    await project.write('lost.test.mjs', await exampleWith(project, 'link.drop()'));
    const { stdout } = await project.run(process.execPath, '--test', '--test-reporter=tap', 'lost.test.mjs');
    assert.match(stdout, /^# pass 1$/m);
    assert.match(stdout, /^# fail 0$/m);
  });

  it('has a test of a server that is killed that passes', async () => {
    const project = await Project.create();
    await project.write('killed.test.mjs', await exampleWith(project, 'journal.abandon()'));
    const { stdout } = await project.run(process.execPath, '--test', '--test-reporter=tap', 'killed.test.mjs');
    assert.match(stdout, /^# pass 1$/m);
    assert.match(stdout, /^# fail 0$/m);
  });

  it('has commands that install it, as they are written', async () => {
    const project = await Project.create({}); // for its README
    const commands = await exampleWith(project, 'npm pack');
    assert.match(commands, /^\.\/test package .*\n/, 'which is what runs this');
    const home = project.path('home');
    await mkdir(project.path('build/wasm-release'), { recursive: true });
    await symlink(built, project.path('build/wasm-release/npm'));
    await mkdir(home);
    const others = commands
      .replace(/^.*\n/, '')
      .replace('npm install', 'npm install --prefer-offline');
    await project.write('install.sh', `set -e\nexport HOME='${home}'\n${others}`);
    await project.run('sh', 'install.sh');
    const manifest = JSON.parse(await readFile(`${home}/my-jam/package.json`, 'utf8'));
    assert.deepEqual(Object.keys(manifest.dependencies), ['downbeat-server', 'socket.io-client']);
    await project.write('home/my-jam/first.test.mjs', await exampleWith(project, 'node:test'));
    await project.run(process.execPath, '--test', `${home}/my-jam/first.test.mjs`);
  });

  it('has the sizes in it', async () => {
    const project = await Project.create();
    const readme = await readFile(project.path('node_modules/downbeat-server/README.md'), 'utf8');
    assert.match(readme, /^\| `downbeat-server`: .* \| [\d.]+ kB \| [\d.]+ kB \| [\d.]+ kB \|$/m);
  });
});

describe('The package', () => {
  it('has the version of the CMake project, and nothing to install', async () => {
    const project = await Project.create({});
    const manifest = JSON.parse(
      await readFile(project.path('node_modules/downbeat-server/package.json')),
    );
    const cmake = await readFile(new URL('../../CMakeLists.txt', import.meta.url), 'utf8');
    assert.equal(manifest.version, cmake.match(/VERSION (\d+\.\d+\.\d+) LANGUAGES/)[1]);
    assert.equal(manifest.dependencies, undefined);
    assert.equal(manifest.devDependencies, undefined);
    assert.equal(manifest.scripts, undefined);
    await assert.rejects(access(project.path('node_modules/socket.io-client')), /ENOENT/);
  });

  it('refuses a client that is too old for it', async () => {
    const installing = Project.create({ 'socket.io-client': '4.7.5' });
    await assert.rejects(installing, /ERESOLVE[^]*socket\.io-client/);
  });

  it('says whose work it contains, under which licences', async () => {
    const project = await Project.create({});
    const read = (name) => readFile(project.path('node_modules/downbeat-server', name), 'utf8');
    assert.match(await read('LICENSE'), /MIT License/);
    const notices = await read('THIRD-PARTY.md');
    for (const part of ['Emscripten', 'musl', 'libc++', 'compiler-rt', 'dlmalloc']) {
      assert.ok(notices.includes(part), part);
    }
    assert.match(notices, /Copyright|©/);
  });

  it('is used in a process that ends by itself', async () => {
    const project = await Project.create({});
    await project.write(
      'idle.mjs',
      `
      import { createServer } from 'downbeat-server';
      await createServer({ pingInterval: 1000 });
      console.log('made');`,
    );
    const { stdout } = await project.run(process.execPath, 'idle.mjs');
    assert.equal(stdout, 'made\n');
  });
});

// The package's types, with the compilers that its users have.
import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';

import { Project } from './support/project.mjs';

const usage = fileURLToPath(new URL('types/usage.ts', import.meta.url));

const bundler = { module: 'ESNext', moduleResolution: 'Bundler', types: [] };
const inPages = { ...bundler, lib: ['ES2022', 'DOM', 'DOM.Iterable'] };
const inNode = { module: 'NodeNext', lib: ['ES2022'], types: ['node'] };

const project = await Project.create({
  'socket.io-client': '4.8.4',
  '@types/node': '18.19.130',
  'typescript-5.0': 'npm:typescript@5.0.4',
  'typescript-5.9': 'npm:typescript@5.9.3',
});

describe('The types', () => {
  const usedWith = (version, options) => async () => {
    await project.copy(usage, 'usage.ts');
    await check('usage.ts', version, options);
  };
  it('are right in pages', usedWith('5.9', inPages));
  it('are right in Node', usedWith('5.9', inNode));
  // It knows other packages' newest declarations no more.
  it('are right for TypeScript 5.0', usedWith('5.0', { ...inPages, skipLibCheck: true }));

  it('have every limit that the server has', async () => {
    const { createServer } = await project.import('downbeat');
    const { settings } = await createServer();
    await project.write(
      'limits.ts',
      `
      import type { Limits } from "downbeat";
      const all: Required<Limits> = ${JSON.stringify(settings)};`,
    );
    await check('limits.ts', '5.9', inPages);
  });
});

/** Compiles a file, and with it everything that it imports. */
async function check(file, version, options) {
  const compilerOptions = {
    target: 'ES2022',
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    ...options,
  };
  const config = `tsconfig.${file}.json`;
  await project.write(config, JSON.stringify({ compilerOptions, files: [file] }));
  const compiler = project.path('node_modules', `typescript-${version}`, 'bin/tsc');
  const { stdout } = await project.run(process.execPath, compiler, '-p', config);
  assert.equal(stdout, '');
}

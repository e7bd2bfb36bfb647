// The package's types, with the compilers that its users have.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
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
  // It is too old for the newest declarations of other packages.
  it('are right for TypeScript 5.0', usedWith('5.0', { ...inPages, skipLibCheck: true }));

  it('have every limit that the server has', async () => {
    const { createServer } = await project.import('downbeat-server');
    const { settings } = await createServer();
    await project.write(
      'limits.ts',
      `
      import type { Limits } from "downbeat-server";
      const all: Required<Limits> = ${JSON.stringify(settings)};`,
    );
    await check('limits.ts', '5.9', inPages);
  });
});

/**
 * What can be sent, read from where it is sent. A new code or event must be given to TypeScript's
 * users too, and to the readers of the project's README.
 */
describe('The contract in the types', async () => {
  const root = new URL('../../', import.meta.url);
  const read = (path) => readFile(new URL(path, root), 'utf8');
  const parts = ['application', 'requests', 'presentation', 'shards', 'limits', 'reply', 'seats'];
  const texts = await Promise.all(parts.map((part) => read(`core/jam/${part}.cpp`)));
  const application = texts.join('');
  const found = (text, pattern) => new Set([...text.matchAll(pattern)].map(([, name]) => name));
  const union = (names) => [...names].map((name) => JSON.stringify(name)).join(' | ');

  const codes = new Set([
    // The last argument of each failure, and the names of what the sessions refuse.
    ...found(application, /\bfail\([^;]*"([a-z_]+)"\);/g),
    ...found(await read('core/session/refusal.cpp'), /return "([a-z]+_[a-z_]+)";/g),
  ]);
  const emitted = new Set([
    ...found(
      application,
      /\b(?:emit|broadcast|event_json)\([^;]*?"((?:session|server):[a-z-]+|error)"/g,
    ),
    ...found(application, /\banswer_ = "([a-z:-]+)"/g),
    ...found(application, /R"\(\["([a-z:-]+)"/g),
  ]);
  const handled = found(await read('core/jam/event_table.hpp'), /"(session:[a-z]+)",/g);

  it('is that of the core', async () => {
    assert.ok(codes.size >= 7 && emitted.size >= 9 && handled.size >= 5, 'they are found at all');
    await project.write(
      'contract.ts',
      `
      import type { ClientToServerEvents, ErrorCode, ServerToClientEvents } from "downbeat-server";
      type Equal<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
      true satisfies Equal<ErrorCode, ${union(codes)}>;
      true satisfies Equal<keyof ServerToClientEvents, ${union(emitted)}>;
      true satisfies Equal<keyof ClientToServerEvents, ${union(handled)}>;`,
    );
    await check('contract.ts', '5.9', inPages);
  });

  it('is that of the README', async () => {
    const readme = await read('README.md');
    for (const name of [...codes, ...emitted, ...handled]) {
      assert.match(readme, new RegExp(`\`${name}[ \`]`), name);
    }
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

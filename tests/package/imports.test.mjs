// Which file imports which, in the package, and which folder which, in the page. A circle means
// that none of its members can be read, tested or changed without all of the others.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const fromRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The files below a folder, as paths from there, that are TypeScript. */
async function sourcesIn(folder) {
  const found = await readdir(folder, { withFileTypes: true });
  const parts = await Promise.all(
    found.map(async (entry) => {
      if (!entry.isDirectory()) return /\.tsx?$/.test(entry.name) ? [entry.name] : [];
      const inner = await sourcesIn(join(folder, entry.name));
      return inner.map((name) => join(entry.name, name));
    }),
  );
  return parts.flat().sort();
}

/** Specifiers of all imports and re-exports; those of types only too, and dynamic ones. */
function importsOf(text) {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const pattern = /(?:\bfrom\s*|^import\s+|\bimport\s*\(\s*)(['"])([^'"]+)\1/gm;
  return [...code.matchAll(pattern)].map(([, , specifier]) => specifier);
}

/** Each file with the files of the same folder that it imports, all as paths without an ending. */
async function drawGraph(folder) {
  const bare = (path) => path.replace(/\.(tsx?|js)$/, '');
  const names = await sourcesIn(folder);
  const known = new Set(names.map(bare));
  const graph = new Map();
  for (const name of names) {
    const relative = importsOf(await readFile(join(folder, name), 'utf8'))
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => bare(normalize(join(dirname(name), specifier))));
    graph.set(bare(name), new Set(relative.filter((target) => known.has(target))));
  }
  return graph;
}

/** The same between folders; a file that is in none stands for itself. */
function foldersOf(graph) {
  const folder = (path) => path.split('/')[0];
  const folders = new Map();
  for (const [file, targets] of graph) {
    const from = folders.get(folder(file)) ?? new Set();
    for (const target of targets) if (folder(target) !== folder(file)) from.add(folder(target));
    folders.set(folder(file), from);
  }
  return folders;
}

/** A circle, as the path round it, or undefined. */
function findCircle(graph) {
  const done = new Set();
  const visit = (node, path) => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return undefined;
    for (const target of graph.get(node) ?? []) {
      const circle = visit(target, [...path, node]);
      if (circle) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of graph.keys()) {
    const circle = visit(node, []);
    if (circle) return circle.join(' → ');
  }
  return undefined;
}

const countEdges = (graph) => [...graph.values()].reduce((sum, { size }) => sum + size, 0);

describe('Imports', () => {
  it('of the package go round in no circle', async () => {
    const graph = await drawGraph(fromRoot('host-wasm/npm/src'));
    assert.ok(countEdges(graph) > 40, `only ${countEdges(graph)} imports were found`);
    assert.equal(findCircle(graph), undefined);
  });

  it('of the page go round in no circle, between files or folders', async () => {
    const graph = await drawGraph(fromRoot('web-demo/src'));
    assert.ok(countEdges(graph) > 80, `only ${countEdges(graph)} imports were found`);
    assert.equal(findCircle(graph), undefined);
    assert.equal(findCircle(foldersOf(graph)), undefined);
  });

  it('are found however they are written, and so is a circle of them', () => {
    const text = `
      import type { A } from './a.js';
      import './b.js';
      export * from "./c.js";
      import {
        D,
      } from './d.js';
      const { E } = await import('./e.js');
      // import { F } from './f.js';
    `.replace(/^ {6}/gm, '');
    assert.deepEqual(importsOf(text), ['./a.js', './b.js', './c.js', './d.js', './e.js']);
    const graph = new Map([
      ['a', new Set(['b', 'c'])],
      ['b', new Set()],
      ['c', new Set(['d'])],
      ['d', new Set(['c'])],
    ]);
    assert.equal(findCircle(graph), 'c → d → c');
    graph.get('d').clear();
    assert.equal(findCircle(graph), undefined);
    const files = new Map([
      ['x/1', new Set(['y/1'])],
      ['x/2', new Set()],
      ['y/1', new Set(['x/2'])],
    ]);
    assert.equal(findCircle(files), undefined);
    assert.equal(findCircle(foldersOf(files)), 'x → y → x');
  });
});

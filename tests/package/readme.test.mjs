// The project's README gives the sizes that the build measured.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { mostOf } from '../../host-wasm/npm/scripts/sizes.mjs';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root), 'utf8');

/** Compilers and Node's compression differ a little from machine to machine. */
const tolerance = 0.03;

test("The README's table of sizes is what the build measured, and below the limit", () => {
  const readme = read('README.md');
  const measured = JSON.parse(read('build/wasm-release/npm-sizes.json'));
  for (const [what, sizes] of Object.entries(measured)) {
    const row = readme.split('\n').find((line) => line.startsWith(`| ${what} |`));
    assert.ok(row, `the README has no row for ${what}`);
    const said = [...row.matchAll(/([\d.]+) kB/g)].map(([, number]) => Number(number) * 1000);
    for (const [i, size] of [sizes.raw, sizes.gzip, sizes.brotli].entries()) {
      const isClose = Math.abs(said[i] - size) <= size * tolerance;
      assert.ok(isClose, `${what}: the README says ${said[i]} bytes, but it is ${size}`);
    }
    assert.ok(sizes.brotli <= mostOf(what), `${what} is ${sizes.brotli} bytes in brotli`);
  }
});

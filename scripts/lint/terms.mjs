// Refuses the terms that docs/glossary.md has retired, in code, comments, documents and messages: as
// whole words and as parts of names, in any case. Refuses further words in the titles of tests.
// Prints each place and what to write instead.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const glossary = 'docs/glossary.md';
const skippedFolders = new Set(['.git', 'build', 'dist', 'node_modules', 'seeds']);
const texts = /\.(?:cpp|hpp|ts|tsx|mjs|js|cjs|css|html|md|txt|cmake|json|yml|sh|story|trace|in)$/;
const programs = new Set(['run', 'test', 'compare', 'fill', 'smoke', 'stalled', 'check-style', 'serve-nodes']);

/** The first text of a test: `TEST_CASE("…"`, `it('…'`, or `'…': async` in a table of scenarios. */
const titles = [
  /\b(?:TEST_CASE|SECTION|describe|it|test|ours|play|everyWay|withServer)\(\s*("[^"]*"|'[^']*'|`[^`]*`)/g,
  /^ *("[^"]*"|'[^']*'|`[^`]*`): async\b/gm,
];

/** Files of the repository that people write. */
function* filesIn(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) {
      if (!skippedFolders.has(entry.name)) yield* filesIn(join(folder, entry.name));
    } else if (entry.name !== 'package-lock.json') {
      if (texts.test(entry.name) || programs.has(entry.name)) yield join(folder, entry.name);
    }
  }
}

/** The words in a table of the glossary, and what to say instead of them. */
class Retired {
  #instead;
  #pattern;

  constructor(heading) {
    const text = readFileSync(join(root, glossary), 'utf8');
    const [, rest = ''] = text.split(`## ${heading}\n`);
    const [section] = rest.split('\n## ');
    const rows = section.matchAll(/^\| `([^`]+)` \| (.+) \|$/gm);
    this.#instead = new Map([...rows].map(([, term, instead]) => [term.toLowerCase(), instead]));
    if (this.#instead.size === 0) {
      console.error(`${glossary} has no table of '${heading}'`);
      process.exit(1);
    }
    const terms = [...this.#instead.keys()];
    const names = terms.filter((term) => term.includes('_')).join('|') || '(?!)';
    const words = terms.filter((term) => !term.includes('_')).join('|') || '(?!)';
    // A name is refused as a whole; a single word also as a part of a name.
    this.#pattern = new RegExp(
      `(?<![\\p{L}\\p{N}_])(?:${names})s?(?![\\p{L}\\p{N}_])|` +
        `(?<![\\p{L}\\p{N}])(?:${words})s?(?![\\p{L}\\p{N}])`,
      'giu',
    );
  }

  /** Each of them in a text, as a message. */
  *in(text) {
    const apart = text.replace(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})/gu, '_');
    for (const [word] of apart.matchAll(this.#pattern)) {
      const term = word.toLowerCase();
      yield `"${word}" is retired; say: ${this.#instead.get(term) ?? this.#instead.get(term.slice(0, -1))}`;
    }
  }
}

const everywhere = new Retired('Retired terms');
const inTitles = new Retired('Words that no title of a test has');

let found = 0;
for (const file of filesIn(root)) {
  const name = relative(root, file);
  if (name === glossary) continue;
  const text = readFileSync(file, 'utf8');
  const report = (line, messages) => {
    for (const message of messages) {
      console.error(`${name}:${line}: ${message}`);
      ++found;
    }
  };
  for (const [at, line] of text.split('\n').entries()) report(at + 1, everywhere.in(line));
  if (!name.startsWith('tests/')) continue;
  for (const title of titles.flatMap((form) => [...text.matchAll(form)])) {
    report(text.slice(0, title.index).split('\n').length, inTitles.in(title[1]));
  }
}
process.exit(found === 0 ? 0 : 1);

// Assembles the npm package:
// node package.mjs --wasm FILE --version X.Y.Z --commit FILE --license FILE --out FOLDER
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { measureSizes, sizeTable } from './sizes.mjs';
import { stamped } from './stamp.mjs';

const source = fileURLToPath(new URL('..', import.meta.url));
const option = { type: 'string' };
const { values } = parseArgs({
  options: { wasm: option, version: option, commit: option, license: option, out: option },
});
const { version, license, out } = values;
const commit = JSON.parse(readFileSync(values.commit, 'utf8'));
const wasm = stamped(readFileSync(values.wasm), { version, commit });
const dist = join(out, 'dist');

installCompiler();
rmSync(out, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const tsc = join(source, 'node_modules/typescript/bin/tsc');
execFileSync(process.execPath, [tsc, '--outDir', dist], { cwd: source, stdio: 'inherit' });
removeComments();

const module = join(out, 'downbeat.wasm');
writeFileSync(module, wasm);
// Zopfli finds a gzip that is a sixteenth smaller than zlib's best.
const zipped = execFileSync('zopfli', ['-c', module]).toString('base64');
writeFileSync(
  join(dist, 'embedded-wasm.js'),
  `/** The module, as base64 of its gzip. */\nexport const embeddedWasm =\n  "${zipped}";\n`,
);
cpSync(license, join(out, 'LICENSE'));
cpSync(join(source, 'THIRD-PARTY.md'), join(out, 'THIRD-PARTY.md'));

const manifest = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
delete manifest.devDependencies;
const { name } = manifest;
const shipped = { name, version, ...manifest }; // the version is that of the CMake project
writeFileSync(join(out, 'package.json'), `${JSON.stringify(shipped, null, 2)}\n`);

const sizes = measureSizes(out);
const readme = readFileSync(join(source, 'README.md'), 'utf8');
writeFileSync(
  join(out, 'README.md'),
  readme.replace('<!-- the table of sizes -->', sizeTable(sizes)),
);
// Next to the package, not in it.
writeFileSync(`${out}-sizes.json`, `${JSON.stringify(sizes, null, 2)}\n`);
console.log(sizeTable(sizes));

/**
 * Takes the comments out of the JavaScript, where they would be a tenth of what a page loads. The
 * declarations keep theirs, which editors show; and so do files with comments for bundlers.
 */
function removeComments() {
  const { transpile } = createRequire(join(source, 'package.json'))('typescript');
  const options = { target: 'ES2022', module: 'ESNext', newLine: 'lf', removeComments: true };
  for (const name of readdirSync(dist).filter((name) => name.endsWith('.js'))) {
    const text = readFileSync(join(dist, name), 'utf8');
    if (!text.includes('webpackIgnore')) writeFileSync(join(dist, name), transpile(text, options));
  }
}

/** Installs what the lockfile says, if that was not the last thing installed. */
function installCompiler() {
  const lock = join(source, 'package-lock.json');
  const installed = join(source, 'node_modules/.installed-lock.json');
  if (existsSync(installed) && readFileSync(installed).equals(readFileSync(lock))) return;
  execFileSync('npm', ['ci', '--prefer-offline', '--no-audit', '--no-fund'], {
    cwd: source,
    stdio: 'inherit',
  });
  cpSync(lock, installed);
}

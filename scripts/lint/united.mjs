// Files of a folder are compiled together (toolchains/unite.cmake). Two functions with the same name in their
// unnamed namespaces are then overloads, and a call may go to the one in the other file without any warning.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
// The name in front of the bracket, of a function or a template of one; variables have a `=` before it.
const definition = /^[A-Za-z][\w:<>,&* [\]]*?[ *&]([a-z_]\w*)\(/;

/** The names of the functions in a file's unnamed namespaces. */
function localFunctions(text) {
  const found = new Set();
  let isLocal = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('namespace {')) isLocal = true;
    else if (line.startsWith('}  // namespace')) isLocal = false;
    else if (isLocal || line.startsWith('static ')) {
      const [, name] = definition.exec(line) ?? [];
      if (name) found.add(name);
    }
  }
  return found;
}

let failed = false;
function check(folder) {
  const files = new Map();
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && entry.name !== 'node_modules') check(path);
    else if (entry.name.endsWith('.cpp')) {
      for (const name of localFunctions(readFileSync(join(root, path), 'utf8'))) {
        files.set(name, [...(files.get(name) ?? []), path]);
      }
    }
  }
  for (const [name, where] of files) {
    // Each of these is a program of its own.
    if (where.length < 2 || folder.startsWith('tests/fuzz')) continue;
    console.log(`${name}: in the unnamed namespaces of ${where.join(' and ')}`);
    failed = true;
  }
}
for (const folder of ['core', 'host-native', 'host-wasm', 'tests']) check(folder);
process.exit(failed ? 1 : 0);

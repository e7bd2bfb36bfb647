// Makes the page that Vite has built ready to be served: node publish.mjs FROM TO
// Every file that gets smaller so gets a .br and a .gz beside it. Then the old page makes way for
// the new one at once, so that a server that shows it meanwhile never shows half of one.
import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [from, to] = process.argv.slice(2);

const compressions = {
  br: (bytes) =>
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  gz: (bytes) => gzipSync(bytes, { level: 9 }),
};

for (const path of filesBelow(from)) {
  const bytes = readFileSync(path);
  for (const [extension, compress] of Object.entries(compressions)) {
    const compressed = compress(bytes);
    if (compressed.length < bytes.length) writeFileSync(`${path}.${extension}`, compressed);
  }
}

const old = `${to}.old`;
rmSync(old, { recursive: true, force: true });
if (statSync(to, { throwIfNoEntry: false })) renameSync(to, old);
renameSync(from, to);
rmSync(old, { recursive: true, force: true });

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

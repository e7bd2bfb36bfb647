// Makes the page that Vite has built ready to be served: node publish.mjs FROM TO
// Each file gets a .br and a .gz next to it if these are smaller. Then the new page replaces the
// old one in one step, so that a running server never serves half of a page.
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

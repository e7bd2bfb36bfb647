// How large the package is, as it is shipped: bundlers make the JavaScript smaller still.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** The most bytes that the server alone, or any file with JavaScript around it, may have in brotli. */
const most = 143_000;
const mostWithScripts = 185_000;

/** The bound of a row of the table. */
export const mostOf = (what) => (what.includes('JavaScript') ? mostWithScripts : most);

/** Bytes by what a page loads. Throws when it is too much. */
export function measureSizes(folder) {
  const scripts = readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.js'));
  const read = (names) =>
    Buffer.concat(names.map((name) => readFileSync(join(folder, 'dist', name))));
  const glue = scripts.filter((name) => !/^(embedded|embedded-wasm|index)\.js$/.test(name));

  const sizes = {
    '`downbeat.wasm`, the server': measure(readFileSync(join(folder, 'downbeat.wasm'))),
    'the JavaScript of `downbeat-server/slim`': measure(read(glue)),
    '`downbeat-server`: JavaScript with the server built in': measure(
      read(scripts.filter((name) => name !== 'slim.js')),
    ),
  };
  for (const [what, { brotli }] of Object.entries(sizes)) {
    const bound = mostOf(what);
    if (brotli > bound) throw new Error(`${what} has ${brotli} bytes, which is more than ${bound}`);
  }
  return sizes;
}

/** The sizes for a README. */
export function sizeTable(sizes) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;
  const rows = Object.entries(sizes).map(
    ([what, { raw, gzip, brotli }]) =>
      `| ${[what, ...[raw, gzip, brotli].map(kilobytes)].join(' | ')} |`,
  );
  return ['| | raw | gzip | brotli |', '| --- | ---: | ---: | ---: |', ...rows].join('\n');
}

function measure(bytes) {
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
  };
  return {
    raw: bytes.length,
    gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes, { params }).length,
  };
}

// Parts of the page that need no browser.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const web = fileURLToPath(new URL('../../../web-demo/', import.meta.url));

/** A module of the page, bundled as for the page. */
export async function load(path) {
  const { build } = createRequire(web)('esbuild');
  const { outputFiles } = await build({
    entryPoints: [`${web}src/${path}`],
    bundle: true,
    format: 'esm',
    write: false,
  });
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
}

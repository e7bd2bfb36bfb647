import type { Plugin, Rollup } from 'vite';

/** Makes browsers fetch what the page imports first together with what imports it, not after it. */
export function chunkPreload(): Plugin {
  return {
    name: 'downbeat-chunk-preload',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (html, { bundle = {}, filename }) =>
        filename.endsWith('/index.html') ? preloads(html, bundle, '/src/ui/page.tsx') : [],
    },
  };
}

/** Links to a module's chunk and all that it needs, but for what the page has already. */
function preloads(html: string, bundle: Rollup.OutputBundle, module: string) {
  return chunksFor(bundle, module)
    .filter((name) => !html.includes(name))
    .map((name) => ({
      tag: 'link',
      attrs: { rel: 'modulepreload', href: `/${name}`, crossorigin: '' },
      injectTo: 'head' as const,
    }));
}

/** The files of a module that is imported dynamically: its chunk, and those that this imports. */
export function chunksFor(bundle: Rollup.OutputBundle, module: string): string[] {
  const chunks = Object.values(bundle).filter((part) => part.type === 'chunk');
  const own = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(module));
  if (!own) throw new Error(`there is no chunk of ${module}`);
  return [own.fileName, ...own.imports];
}

import type { Plugin, Rollup } from 'vite';
import { prerenderInvitation } from './prerender';

interface About {
  title: string;
  description: string;
}

const start: About = {
  title: 'Downbeat: play together',
  description: 'Make a session, share its code, play together.',
};

const tab: About = {
  title: 'Downbeat: a jam in one tab',
  description: 'A jam session with its server, written in C++, inside the page.',
};

/** The server puts the code in. */
const invitation: About = {
  title: 'Play with us in {{code}}',
  description: 'You are invited to the jam session {{code}}. Open the link, and play in your browser.',
};

/** Gives the page a title, a description and a preview for each of its addresses. */
export function pages(): Plugin {
  return {
    name: 'downbeat-pages',
    apply: 'build',
    enforce: 'post',
    async generateBundle(_, bundle) {
      const index = bundle['index.html'];
      if (index?.type !== 'asset') throw new Error('there is no index.html');
      const page = String(index.source);
      const emit = (fileName: string, about: About, source: string) =>
        this.emitFile({ type: 'asset', fileName, source: describe(source, about) });
      emit('invitation.html', invitation, drawn(page, await prerenderInvitation()));
      const tabChunks = chunksFor(bundle, '/src/ui/tab-mode.tsx');
      emit('tab/index.html', tab, preloading(page, tabChunks));
      index.source = describe(page, start);
    },
  };
}

/** The page with what its scripts will draw, and the script that is there before them. */
function drawn(page: string, markup: string): string {
  return page
    .replace('<div id="page"></div>', () => `<div id="page">${markup}</div>`)
    .replace('</title>', '</title>\n    <script src="/invitation.js"></script>');
}

/** The page, which fetches these chunks at once if it has not named them already. */
function preloading(page: string, chunks: readonly string[]): string {
  const links = chunks
    .filter((name) => !page.includes(name))
    .map((name) => `  <link rel="modulepreload" crossorigin href="/${name}">\n  `);
  return page.replace('</head>', `${links.join('')}</head>`);
}

/** The files of a module that is imported dynamically: its chunk, and those that this imports. */
function chunksFor(bundle: Rollup.OutputBundle, module: string): string[] {
  const chunks = Object.values(bundle).filter((part) => part.type === 'chunk');
  const own = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(module));
  if (!own) throw new Error(`there is no chunk of ${module}`);
  return [own.fileName, ...own.imports];
}

/** The texts are ours, and have no character that HTML knows. */
function describe(page: string, { title, description }: About): string {
  const preview = [
    ['og:type', 'website'],
    ['og:site_name', 'Downbeat'],
    ['og:title', title],
    ['og:description', description],
    ['og:image', '/icons/512.png'],
  ].map(([property, content]) => `<meta property="${property}" content="${content}" />`);
  const tags = [
    `<title>${title}</title>`,
    `<meta name="description" content="${description}" />`,
    ...preview,
    '<meta name="twitter:card" content="summary" />',
  ];
  return page.replace(/<title>[^<]*<\/title>/, tags.join('\n    '));
}

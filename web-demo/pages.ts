import type { Plugin } from 'vite';

interface About {
  title: string;
  description: string;
}

const start: About = {
  title: 'Downbeat: play together',
  description: 'Make a session, share its code, play together.',
};

/** The other addresses of the page. The server puts the code into `invitation.html`. */
const others: Record<string, About> = {
  'tab/index.html': {
    title: 'Downbeat: a jam in one tab',
    description: 'A jam session with its server, written in C++, inside the page.',
  },
  'invitation.html': {
    title: 'Play with us in {{code}}',
    description: 'You are invited to the jam session {{code}}. Open the link, and play in your browser.',
  },
};

/** Gives the page a title, a description and a preview for each of its addresses. */
export function pages(): Plugin {
  return {
    name: 'downbeat-pages',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const index = bundle['index.html'];
      if (index?.type !== 'asset') throw new Error('there is no index.html');
      const page = String(index.source);
      for (const [fileName, about] of Object.entries(others))
        this.emitFile({ type: 'asset', fileName, source: describe(page, about) });
      index.source = describe(page, start);
    },
  };
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

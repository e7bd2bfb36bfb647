import type { Plugin } from 'vite';

/** Writes a service worker that keeps the whole page, so that it opens without a network. */
export function offlineWorker(): Plugin {
  return {
    name: 'downbeat-offline-worker',
    apply: 'build',
    generateBundle(_, bundle) {
      const files = ['/', '/jam.html', '/theme.js', '/favicon.svg', '/manifest.webmanifest'];
      for (const name of Object.keys(bundle))
        if (name.startsWith('assets/')) files.push(`/${name}`);
      this.emitFile({ type: 'asset', fileName: 'offline.js', source: workerOf(files.sort()) });
    },
  };
}

function workerOf(files: string[]): string {
  return `// Keeps the page. What has a hash in its name never changes; the page itself is asked for anew.
const files = ${JSON.stringify(files)};
const cacheName = 'downbeat-${hash(files.join())}';

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(cacheName).then((cache) => cache.addAll(files)));
  self.skipWaiting();
});

self.addEventListener('activate', (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name !== cacheName) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url);
  // Each of the page's own addresses shows the same page.
  const name = /^\\/(tab|j)\\//.test(pathname) ? '/' : pathname;
  if (origin !== location.origin || !files.includes(name)) return;
  const kept = () => caches.match(name);
  event.respondWith(
    pathname.startsWith('/assets/')
      ? kept().then((response) => response ?? fetch(event.request))
      : fetch(event.request).catch(kept),
  );
});
`;
}

/** FNV-1a, as the version of this list of files. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ letter.charCodeAt(0), 0x01000193);
  return (value >>> 0).toString(16);
}

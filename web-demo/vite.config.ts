import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { buildFile } from './build-file';
import { fontPreload } from './font-preload';
import { licences } from './licences';
import { offlineWorker } from './offline-worker';
import { pages } from './pages';
import { policy } from './policy';

const root = fileURLToPath(new URL('..', import.meta.url));
// DOWNBEAT_NPM names the package if it was built elsewhere.
const npm = process.env.DOWNBEAT_NPM ?? `${root}build/wasm-release/npm`;
// What the engine says of itself: the page is built from the same sources, right after it.
const engine = new WebAssembly.Module(readFileSync(`${npm}/downbeat.wasm`));
const [section] = WebAssembly.Module.customSections(engine, 'downbeat.build');
const build = new TextDecoder().decode(section);

export default defineConfig({
  plugins: [policy(), offlineWorker(), buildFile(build), fontPreload(), licences(), pages()],
  resolve: {
    alias: [
      // The engine by itself, for walking through a trace; the package keeps it to itself.
      { find: 'downbeat-server/machine', replacement: `${npm}/dist/machine.js` },
      { find: /^downbeat-server\/downbeat\.wasm/, replacement: `${npm}/downbeat.wasm` },
      { find: /^downbeat-server$/, replacement: `${npm}/dist/slim.js` },
    ],
  },
  define: { __DOWNBEAT_BUILD__: build },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: process.env.DOWNBEAT_PAGE ?? `${root}build/web-demo`,
    emptyOutDir: true,
    target: 'es2022',
    // The Content-Security-Policy knows no data: but for images, and nothing inline.
    assetsInlineLimit: 0,
    // One sheet for all: another request costs more than what is in it.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
    // The page, and the one on which kept jams are played.
    rollupOptions: { input: ['index.html', 'jam.html'] },
  },
  server: {
    host: '127.0.0.1',
    fs: { allow: [root] },
    // For Live, `downbeat serve` on its usual port.
    proxy: {
      '/socket.io': { target: 'http://127.0.0.1:3001', ws: true },
      '/healthz': 'http://127.0.0.1:3001',
      '/metrics': 'http://127.0.0.1:3001',
      '/network': 'http://127.0.0.1:3001',
    },
  },
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { policy } from './policy';
import { offlineWorker } from './offline-worker';

const root = fileURLToPath(new URL('..', import.meta.url));
// DOWNBEAT_NPM names the package if it was built elsewhere.
const dist = `${process.env.DOWNBEAT_NPM ?? `${root}build/wasm-release/npm`}/dist`;
const { version } = JSON.parse(readFileSync(`${dist}/../package.json`, 'utf8'));

export default defineConfig({
  plugins: [policy(), offlineWorker()],
  resolve: {
    alias: [
      // The engine by itself, for walking through a trace; the package keeps it to itself.
      { find: 'downbeat/machine', replacement: `${dist}/machine.js` },
      { find: 'downbeat/embedded', replacement: `${dist}/embedded.js` },
      { find: /^downbeat$/, replacement: `${dist}/index.js` },
    ],
  },
  define: { __DOWNBEAT_VERSION__: JSON.stringify(version) },
  esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
  build: {
    outDir: process.env.DOWNBEAT_PAGE ?? `${root}build/web-demo`,
    emptyOutDir: true,
    target: 'es2022',
    // The Content-Security-Policy knows no data: but for images, and nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 600,
  },
  server: {
    host: '127.0.0.1',
    fs: { allow: [root] },
    // For Live, `downbeat serve` on its usual port.
    proxy: {
      '/socket.io': { target: 'http://127.0.0.1:3001', ws: true },
      '/healthz': 'http://127.0.0.1:3001',
    },
  },
});

// Builds and serves the site: node serve.js build|dev. Vite has no configuration but the port, and
// the headers of a strict page.
import { build, createServer, preview } from 'vite';

const address = { host: '127.0.0.1', port: 0 };
let server;
if (process.argv[2] === 'dev') {
  server = await createServer({ server: address });
  await server.listen();
} else {
  await build({ build: { target: 'es2022' } });
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
  server = await preview({
    preview: { ...address, headers: { 'Content-Security-Policy': policy } },
  });
}
console.log(`listening on http://localhost:${server.httpServer.address().port}/`);

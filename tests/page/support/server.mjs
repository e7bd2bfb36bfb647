// `downbeat serve` with the built page.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const fromRoot = (path) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const binary = process.env.DOWNBEAT_BIN ?? fromRoot('build/native-release/bin/downbeat');
const webRoot = process.env.DOWNBEAT_PAGE ?? fromRoot('build/web-demo');

// The server reads options from DOWNBEAT_… too, and must see none of ours.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('DOWNBEAT_')),
);

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** Starts it on a port of the loopback, by default a free one, and waits until it is ready. */
export async function startServer({ port = 0, options = [], page = webRoot } = {}) {
  const child = spawn(
    binary,
    ['serve', '--host', '127.0.0.1', '--port', String(port), '--web-root', page, ...options],
    { env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  running.add(child);
  const ended = once(child, 'close').finally(() => running.delete(child));
  let output = '';
  const ready = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        const found = /listening on http:\/\/\S+?:(\d+)/.exec(output);
        if (found) resolve(Number(found[1]));
      });
    }
  });
  const death = ended.then(() => {
    throw new Error(`the server did not start:\n${output}`);
  });
  const bound = await Promise.race([ready, death]);
  death.catch(() => {});
  // A test that fails may leave it running: that must not keep this process from its end.
  const handles = [child, child.stdout, child.stderr];
  for (const handle of handles) handle.unref();
  return {
    port: bound,
    url: `http://127.0.0.1:${bound}/`,
    async stop() {
      for (const handle of handles) handle.ref();
      child.kill('SIGTERM');
      await ended;
    },
    kill: () => child.kill('SIGKILL'),
  };
}

/** The same for one test: if that fails before it has stopped the server, it is killed. */
export async function serve(t, given) {
  const server = await startServer(given);
  t.after(server.kill);
  return server;
}

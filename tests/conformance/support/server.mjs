// The server under test: one process for each mode and set of options.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { within } from './patience.mjs';

const binary =
  process.env.CONFORMANCE_BIN ??
  process.env.CONFORMANCE_SERVER_BIN ??
  fileURLToPath(new URL('../../../build/native-release/bin/conformance-server', import.meta.url));

/**
 * A test of a deliberate difference from the reference, the npm packages socket.io and
 * engine.io. CONFORMANCE_REFERENCE=1 skips it, so that the other tests can be tried on a server
 * that is made of those.
 */
export const ours = process.env.CONFORMANCE_REFERENCE ? test.skip : test;

/** Options under which no test meets a ping that it does not wait for. */
export const calm = { 'ping-interval': 25_000, 'ping-timeout': 20_000 };

/** The command line of the server under test, and that of the reference server with recovery. */
export const tested = [binary];
export const reference = [
  process.execPath,
  fileURLToPath(new URL('./reference.mjs', import.meta.url)),
];

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/**
 * Starts the server for the tests of a `describe`, and ends it after them. An option that is `true`
 * is given without a value.
 */
export function serve(mode, options = calm, [program, ...leading] = tested) {
  const server = { mode, path: mode === 'engine' ? '/engine.io/' : '/socket.io/' };
  let child;
  before(async () => {
    const flags = Object.entries(options).flatMap(([name, value]) =>
      value === true ? [`--${name}`] : [`--${name}`, `${value}`],
    );
    child = spawn(program, [...leading, '--mode', mode, '--port', '0', ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    server.port = await within(readPort(child), `${program} to be ready`);
    server.url = `http://127.0.0.1:${server.port}`;
  });
  let stopped;
  /** Ends the server, if that was not done before, and returns its exit code. */
  server.stop = () => (stopped ??= stop(child));
  after(() => server.stop());
  return server;
}

async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) {
    throw new Error(`the server ended early, with ${child.exitCode ?? child.signalCode}`);
  }
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  try {
    const [code] = await within(ended, 'the server to end on SIGTERM');
    return code;
  } finally {
    child.kill('SIGKILL');
  }
}

/** Reads stdout up to the ready line, whose URL names the port. */
function readPort(child) {
  return new Promise((resolve, reject) => {
    let output = '';
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`ended with ${code}; it printed: ${output}`)));
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      const ready = /http:\/\/127\.0\.0\.1:(\d+)/.exec(output);
      if (ready) resolve(Number(ready[1]));
    });
  });
}

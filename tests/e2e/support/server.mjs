// The server under test: `downbeat serve` as an operator starts, reads and ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { eventually, within } from './patience.mjs';

const binary =
  process.env.DOWNBEAT_BIN ??
  fileURLToPath(new URL('../../../build/native-release/bin/downbeat', import.meta.url));

// The server reads options from DOWNBEAT_… too, and must see none of ours.
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('DOWNBEAT_')),
);

// But for one: with DOWNBEAT_THREADS=2 all of this is told of servers with two event loops, save
// those that record, which have one.
const threads = process.env.DOWNBEAT_THREADS;

function environmentFor(args) {
  if (!threads || args.includes('--record')) return environment;
  return { ...environment, DOWNBEAT_THREADS: threads };
}

// No server outlives its test, however that ends.
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** Starts the binary and collects what it prints. */
function launch(args) {
  const child = spawn(binary, args, { env: environmentFor(args), stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '', all: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      output[stream] += text;
      output.all += text;
    });
  }
  running.add(child);
  const ended = once(child, 'close').then(
    ([code, signal]) => ({ code, signal }),
    ({ message }) => {
      throw new Error(`the server cannot be started (${message}): build it, or set DOWNBEAT_BIN`);
    },
  );
  ended.catch(() => {}).finally(() => running.delete(child));
  return { child, output, ended };
}

/** Runs the binary to its end, and returns its exit code and what it printed. */
export async function run(...args) {
  const { child, output, ended } = launch(args);
  try {
    const { code } = await within(ended, () => `the end of "downbeat ${args.join(' ')}"`);
    return { code, ...output };
  } finally {
    child.kill('SIGKILL');
  }
}

/** A running server. */
export class Server {
  hasDied = false;
  #isStopping = false;
  #child;
  #output;
  #ended;

  /** Starts a server on a free port of the loopback, and waits until it is ready. */
  static start(...options) {
    return Server.startOn(0, ...options);
  }

  static async startOn(port, ...options) {
    const server = new Server();
    await server.#start(['serve', '--host', '127.0.0.1', '--port', String(port), ...options]);
    return server;
  }

  /** Starts `downbeat` with exactly these arguments. */
  static async startWith(...args) {
    const server = new Server();
    await server.#start(args);
    return server;
  }

  async #start(args) {
    const { child, output, ended } = launch(args);
    this.#child = child;
    this.#output = output;
    this.#ended = ended;
    /** Rejects if the server ends although nobody has asked it to. */
    this.death = ended.then(({ code, signal }) => {
      if (this.#isStopping) return new Promise(() => {});
      this.hasDied = true;
      // What a sanitizer found is the reason, and nothing else shows it.
      throw new Error(`the server died with ${signal ?? code}; it printed last:\n${output.stderr.slice(-6_000)}`);
    });
    this.death.catch(() => {});

    const ready = eventually(
      () => this.hasDied || output.stdout.match(/^downbeat listening on http:\/\/\S+:(\d+)\/?$/m),
      () => 'the ready line of the server',
    );
    try {
      const [, port] = await Promise.race([ready, this.death]);
      this.port = Number(port);
      this.url = `http://127.0.0.1:${port}`;
    } catch (error) {
      error.message += `; it printed:\n${output.all}`;
      child.kill('SIGKILL');
      throw error;
    }
  }

  get pid() {
    return this.#child.pid;
  }

  /** All that the server has printed so far. */
  get log() {
    return this.#output.all;
  }

  /** The finished lines of the log that have all of these parts. */
  lines(...parts) {
    const lines = this.log.split('\n').slice(0, -1);
    return lines.filter((line) => parts.every((part) => line.includes(part)));
  }

  /** Waits until the log has a line with all of these parts. */
  async logged(...parts) {
    const [line] = await eventually(
      () => this.lines(...parts).length > 0 && this.lines(...parts),
      () => `a log line with ${parts.map((part) => JSON.stringify(part)).join(' and ')}`,
    );
    return line;
  }

  /** Sends SIGTERM and waits for the end; how it ended is the result. */
  async stop() {
    this.#isStopping = true;
    this.#child.kill('SIGTERM');
    try {
      return await within(this.#ended, () => 'the end of the server after SIGTERM');
    } finally {
      this.#child.kill('SIGKILL');
    }
  }
}

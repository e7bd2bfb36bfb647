// The server under test: `downbeat serve` as an operator starts, reads and ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { eventually, within } from './patience.mjs';
import { certificateVariables, isTls } from './tls.mjs';

export const binary =
  process.env.DOWNBEAT_BIN ??
  fileURLToPath(new URL('../../../build/native-release/bin/downbeat', import.meta.url));

// The server reads options from DOWNBEAT_… too, and must see none of ours.
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('DOWNBEAT_')),
);

// DOWNBEAT_THREADS is the exception: with DOWNBEAT_THREADS=2 the tests run servers with two event
// loops, except servers that record, which have one.
const threads = process.env.DOWNBEAT_THREADS;

function environmentFor(args) {
  return {
    ...environment,
    ...(threads && !args.includes('--record') && { DOWNBEAT_THREADS: threads }),
    ...(isTls && speaksToClients(args) && certificateVariables()),
  };
}

// Tests of the options themselves see only the options that they give.
function speaksToClients([command, ...args]) {
  return ['serve', 'healthcheck'].includes(command) && !args.some((arg) => arg.startsWith('--tls-'));
}

// As it is in text, or in JSON.
const readyLine =
  /^(?:downbeat listening on |\{.*"event":"listening","url":")(https?):\/\/[^\s"]+:(\d+)(?:"[^\n]*)?$/m;

// Kills servers that are left when the tests end.
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/** Starts the binary and collects what it prints. */
function launch(args, variables = {}) {
  const env = { ...environmentFor(args), ...variables };
  const child = spawn(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '', all: '' };
  for (const stream of ['stdout', 'stderr']) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      output[stream] += text;
      output.all += text;
    });
  }
  running.add(child);
  const exited = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  exited.catch(() => {});
  const ended = once(child, 'close').then(
    ([code, signal]) => ({ code, signal }),
    ({ message }) => {
      throw new Error(`the server cannot be started (${message}): build it, or set DOWNBEAT_BIN`);
    },
  );
  ended.catch(() => {}).finally(() => running.delete(child));
  return { child, output, ended, exited };
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
  #exited;

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

  /** The same, with variables of the environment besides. */
  static async startIn(variables, ...args) {
    const server = new Server();
    await server.#start(args, variables);
    return server;
  }

  async #start(args, variables) {
    const { child, output, ended, exited } = launch(args, variables);
    this.#child = child;
    this.#exited = exited;
    this.#output = output;
    this.#ended = ended;
    /** Rejects if the server ends although nobody has asked it to. */
    this.death = ended.then(({ code, signal }) => {
      if (this.#isStopping) return new Promise(() => {});
      this.hasDied = true;
      // Shows a sanitizer's report, which appears nowhere else.
      throw new Error(`the server died with ${signal ?? code}; it printed last:\n${output.stderr.slice(-6_000)}`);
    });
    this.death.catch(() => {});

    const ready = eventually(
      () => this.hasDied || output.stdout.match(readyLine),
      () => 'the ready line of the server',
    );
    try {
      const [, scheme, port] = await Promise.race([ready, this.death]);
      this.port = Number(port);
      this.scheme = scheme;
      this.url = `${scheme}://127.0.0.1:${port}`;
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

  /** Stops reading the server's output, so that its pipe fills up; or reads it again. */
  read(isRead) {
    this.#child.stdout[isRead ? 'resume' : 'pause']();
  }

  /** Sends SIGTERM and waits until the process has gone, whether or not its output is read. */
  async terminate() {
    this.#isStopping = true;
    this.#child.kill('SIGTERM');
    return within(this.#exited, () => 'the exit of the server after SIGTERM');
  }

  /** Ends the process as a crash would, and waits until it has gone. */
  async kill() {
    this.#isStopping = true;
    this.#child.kill('SIGKILL');
    return within(this.#exited, () => 'the exit of the server after SIGKILL');
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

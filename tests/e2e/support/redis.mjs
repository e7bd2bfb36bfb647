// A Redis of its own for a test, and what it has, read without any library.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { eventually } from './patience.mjs';
import { freePort } from './ports.mjs';

// No Redis outlives its test.
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/**
 * How long a server may be silent before another one replaces it, for tests that wait for that. Under a sanitizer
 * servers are slow, and none must be replaced for that.
 */
export const shortLease = ['--redis-lease', process.env.DOWNBEAT_REDIS_LEASE ?? '2000'];

export class Redis {
  log = '';
  #child;
  #ended;
  #folder = mkdtempSync(join(tmpdir(), 'downbeat-redis-'));

  /** Starts one with these options besides. */
  static async start(...options) {
    const redis = new Redis();
    redis.port = await freePort();
    redis.options = options;
    await redis.begin();
    return redis;
  }

  get url() {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts the process, also after `kill` or `stop`. It has what it saved, if it did. */
  async begin(...more) {
    const args = ['--port', this.port, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', ''];
    // Debian has it in a folder that is not in every user's PATH.
    const env = { PATH: `${process.env.PATH}:/usr/local/sbin:/usr/sbin` };
    const child = spawn('redis-server', [...args, ...this.options, ...more].map(String), {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    running.add(child);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => (this.log += text));
    }
    let hasEnded = false;
    this.#ended = once(child, 'close')
      .catch((error) => (this.log += error.message))
      .finally(() => (running.delete(child), (hasEnded = true)));
    const answers = () => this.ask('PING').then(() => true, (error) => error.message.startsWith('NOAUTH'));
    await eventually(() => hasEnded || answers(), () => `Redis to listen\n${this.log}`);
    if (hasEnded) throw new Error(`Redis has ended:\n${this.log}`);
  }

  /** SIGKILL: what was not saved is gone. */
  async kill() {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Ends in order, and has everything when it begins again. */
  async shutDown() {
    // It answers by closing the connection.
    await this.ask('SHUTDOWN', 'SAVE').catch(() => {});
    await this.#ended;
  }

  /** Forgets what it has saved. */
  forget() {
    rmSync(join(this.#folder, 'dump.rdb'), { force: true });
  }

  /** It answers nobody until `resume`, and its connections stay open. */
  pause() {
    this.#child.kill('SIGSTOP');
  }

  resume() {
    this.#child.kill('SIGCONT');
  }

  /** The answer to a command, as a text, a number, null or a list of these. Rejects on an error. */
  async ask(...command) {
    const socket = net.connect(this.port, '127.0.0.1');
    try {
      const parts = command.map((part) => `$${Buffer.byteLength(String(part))}\r\n${part}\r\n`);
      socket.write(`*${parts.length}\r\n${parts.join('')}`);
      let bytes = Buffer.alloc(0);
      for await (const chunk of socket) {
        bytes = Buffer.concat([bytes, chunk]);
        const found = read(bytes, 0);
        if (found) {
          if (found.value instanceof Error) throw found.value;
          return found.value;
        }
      }
      throw new Error('Redis has closed the connection');
    } finally {
      socket.destroy();
    }
  }

  async close() {
    this.#child.kill('SIGKILL');
    await this.#ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The value that begins there and its end; nothing if it is not complete. */
function read(bytes, at) {
  const line = bytes.indexOf('\r\n', at);
  if (line < 0) return undefined;
  const text = bytes.toString('utf8', at + 1, line);
  const begin = line + 2;
  switch (String.fromCharCode(bytes[at])) {
    case '+':
      return { value: text, end: begin };
    case '-':
      return { value: new Error(text), end: begin };
    case ':':
      return { value: Number(text), end: begin };
    case '$': {
      const size = Number(text);
      if (size < 0) return { value: null, end: begin };
      if (bytes.length < begin + size + 2) return undefined;
      return { value: bytes.toString('utf8', begin, begin + size), end: begin + size + 2 };
    }
    case '*': {
      const items = [];
      let end = begin;
      for (let i = 0; i < Number(text); ++i) {
        const item = read(bytes, end);
        if (!item) return undefined;
        items.push(item.value);
        end = item.end;
      }
      return { value: items, end };
    }
    default:
      throw new Error(`Redis has answered ${JSON.stringify(text)}`);
  }
}

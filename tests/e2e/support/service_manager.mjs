// Servers that are started one after the other with the same listening socket.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { eventually } from './patience.mjs';
import { binary, environment } from './server.mjs';

/** A service manager that owns the port. */
export class ServiceManager {
  #child = spawn('python3', [fileURLToPath(new URL('socket_activation.py', import.meta.url))], {
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  log = '';
  #said = [];

  static async create() {
    const manager = new ServiceManager();
    manager.#child.stderr.setEncoding('utf8').on('data', (text) => (manager.log += text));
    createInterface({ input: manager.#child.stdout }).on('line', (line) => manager.#said.push(JSON.parse(line)));
    const { port } = await manager.#next((said) => said.port);
    manager.port = port;
    manager.url = `http://127.0.0.1:${port}`;
    return manager;
  }

  #next(isIt) {
    return eventually(
      () => this.#said.find(isIt),
      () => `a word of the service manager; so far: ${JSON.stringify(this.#said)}\n${this.log}`,
    );
  }

  /** Starts a server, and waits until it is ready. */
  async start(...options) {
    const { length } = this.log;
    const before = this.#said.filter(({ started }) => started).length;
    this.#child.stdin.write(`${JSON.stringify([binary, 'serve', ...options])}\n`);
    await eventually(
      () => this.log.slice(length).includes(`downbeat listening on ${this.url}`),
      () => `a server that is ready\n${this.log}`,
    );
    // It comes from another process than the line before.
    const numbers = () => this.#said.filter(({ started }) => started);
    const { started } = await eventually(() => numbers()[before], () => `its number\n${this.log}`);
    return started;
  }

  /** Ends a server in order. */
  async stop(pid) {
    process.kill(pid, 'SIGTERM');
    const { code } = await this.#next(({ ended }) => ended === pid);
    assert.equal(code, 0, this.log);
  }

  async close() {
    this.#child.stdin.end();
    await once(this.#child, 'exit');
  }
}

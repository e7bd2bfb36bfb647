// A client of Debian's python3-socketio, in a process of its own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { within } from './patience.mjs';
import { isTls } from './tls.mjs';

const script = fileURLToPath(new URL('python-client.py', import.meta.url));

export class PythonClient {
  /** Each entry is an event with its argument, in the order in which they came. */
  transcript = [];
  #waiting = [];
  #unread = [];
  #errors = '';

  constructor(url, transport) {
    const { NODE_EXTRA_CA_CERTS: authority, ...environment } = process.env;
    const env = { ...environment, ...(isTls && { REQUESTS_CA_BUNDLE: authority }) };
    // Debian's own Python, which has Debian's packages; another may be earlier in PATH.
    this.child = spawn('/usr/bin/python3', [script, url, transport], { env });
    this.child.stderr.setEncoding('utf8').on('data', (text) => (this.#errors += text));
    this.child.stdin.on('error', () => {});
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const entry = JSON.parse(line);
      this.transcript.push(entry);
      this.#unread.push(entry);
      this.#waiting = this.#waiting.filter((look) => !look());
    });
  }

  emit(event, payload) {
    this.child.stdin.write(`${JSON.stringify([event, payload])}\n`);
  }

  /** Waits for the next event of this name that no one has waited for yet; its argument. */
  until(event) {
    const arrival = new Promise((resolve) => {
      const look = () => {
        const at = this.#unread.findIndex(([name]) => name === event);
        if (at < 0) return false;
        resolve(this.#unread.splice(at, 1)[0][1]);
        return true;
      };
      if (!look()) this.#waiting.push(look);
    });
    return within(arrival, () => `${event}\n${this.story()}`);
  }

  heard() {
    return this.transcript.map(([event]) => event);
  }

  /** What it has printed that is no event, such as the traceback of a handler. */
  get errors() {
    return this.#errors;
  }

  story() {
    const entries = this.transcript.slice(-20).map((entry) => `  ${JSON.stringify(entry)}\n`);
    return `the Python client heard:\n${entries.join('')}${this.#errors}`;
  }

  close() {
    this.child.kill('SIGKILL');
  }
}

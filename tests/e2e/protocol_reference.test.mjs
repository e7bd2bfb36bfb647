// Runs docs/protocol.md byte for byte against the real server, with nothing but fetch and ws.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, it } from 'node:test';
import WebSocket from 'ws';

import { codesOf, read, rowsOf } from './support/documents.mjs';
import { within } from './support/patience.mjs';
import { httpRequest } from './support/raw.mjs';
import { Server } from './support/server.mjs';

const page = 'docs/protocol.md';

/** Each exchange of the page: the section it stands in, the server's options, and its lines. */
function exchanges() {
  const found = [];
  let section = '';
  let current;
  for (const line of read(page).split('\n')) {
    if (current) {
      if (line === '```') current = undefined;
      else current.lines.push(line);
    } else if (line.startsWith('#')) {
      section = line.replace(/^#+ /, '');
    } else if (/^```wire( |$)/.test(line)) {
      current = { section, options: line.split(' ').slice(1), lines: [] };
      found.push(current);
    }
  }
  return found;
}

const literal = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The values of placeholders, for text that differs each time, by name. */
class Names {
  #known = new Map();

  /** A text with all names filled in. */
  fill(text) {
    return text.replace(/<(\w+)>/g, (_, name) => {
      assert.ok(this.#known.has(name), `<${name}> is not known yet`);
      return this.#known.get(name);
    });
  }

  /** Expects that a text has this form, and learns the names that are new. */
  match(actual, expected) {
    const fresh = [];
    const pattern = expected
      .split(/(<\w+>)/)
      .map((part) => {
        const name = part.match(/^<(\w+)>$/)?.[1];
        if (!name) return literal(part);
        if (this.#known.has(name)) return literal(this.#known.get(name));
        if (fresh.includes(name)) return `\\k<${name}>`;
        fresh.push(name);
        return `(?<${name}>[\\w-]+)`;
      })
      .join('');
    const found = actual.match(new RegExp(`^${pattern}$`));
    if (!found) assert.equal(actual, expected);
    for (const name of fresh) {
      const value = found.groups[name];
      // Two names must have two values.
      assert.ok(![...this.#known.values()].includes(value), `<${name}> is what another is already`);
      this.#known.set(name, value);
    }
  }
}

/** A client of one exchange: at most one WebSocket, and requests one after another. */
class Peer {
  requests = [];
  #heard = [];
  #wake = () => {};

  async open(url) {
    this.socket = new WebSocket(url);
    const opened = new Promise((resolve, reject) => {
      this.socket.on('open', resolve);
      this.socket.on('error', reject);
    });
    this.socket.on('message', (data, isBinary) => {
      this.#hear({ text: isBinary ? data.toString('hex') : data.toString(), isBinary });
    });
    this.socket.on('close', (code) => this.#hear({ code }));
    await within(opened, () => `a WebSocket to ${url}`);
  }

  #hear(what) {
    this.#heard.push(what);
    this.#wake();
  }

  async next() {
    if (this.#heard.length === 0) {
      await within(new Promise((resolve) => (this.#wake = resolve)), () => 'something from the server');
    }
    return this.#heard.shift();
  }

  /** All that has come and was not expected. */
  get rest() {
    return this.#heard;
  }

  close() {
    this.socket?.terminate();
  }
}

const separated = (text) => text.replaceAll('␞', '\x1e');

async function play({ options, lines }) {
  // Clients that are still in a session at the end of an exchange are not waited for.
  const isPatient = options.includes('--drain-timeout');
  const server = await Server.start(...(isPatient ? [] : ['--drain-timeout', '0']), ...options);
  const names = new Names();
  const peers = new Map();
  let end;
  try {
    for (const line of lines) {
      const [, who, verb, rest] = line.match(/^(\w+) (\S+) ?(.*)$/) ?? assert.fail(`not a line: ${line}`);
      try {
        if (who === 'server') {
          assert.equal(verb, 'SIGTERM');
          end = server.stop();
          continue;
        }
        if (!peers.has(who)) peers.set(who, new Peer());
        await step(server, names, peers.get(who), verb, separated(rest));
      } catch (error) {
        error.message = `${line}\n${error.message}`;
        throw error;
      }
    }
    for (const [who, peer] of peers) {
      assert.deepEqual(peer.requests, [], `a request of ${who} has no answer`);
      assert.deepEqual(peer.rest, [], `${who} received more`);
    }
    if (end) assert.deepEqual(await end, { code: 0, signal: null });
  } finally {
    peers.forEach((peer) => peer.close());
    await server.stop();
  }
}

async function step(server, names, peer, verb, rest) {
  switch (verb) {
    case 'WS': return peer.open(server.url.replace('http', 'ws') + names.fill(rest));
    case '>': return peer.socket.send(names.fill(rest));
    case '>b': return peer.socket.send(Buffer.from(rest, 'hex'));
    case 'GET':
    case 'POST': {
      const [, target, body] = rest.match(/^(\S+) ?([^]*)$/);
      const given = verb === 'POST' ? { method: verb, body: names.fill(body) } : {};
      const headers = { 'Content-Type': 'text/plain;charset=UTF-8' };
      const answer = httpRequest(server.url + names.fill(target), { ...given, headers });
      answer.catch(() => {});
      return peer.requests.push(answer);
    }
    case '=': {
      const [, status, body] = rest.match(/^(\d+) ?([^]*)$/);
      assert.ok(peer.requests.length > 0, 'no request is under way');
      const answer = await peer.requests.shift();
      assert.equal(answer.status, Number(status));
      return names.match(answer.body, body);
    }
    case '<':
    case '<b': {
      const { text, isBinary, code } = await peer.next();
      assert.equal(code, undefined, `closed with ${code}`);
      assert.equal(isBinary, verb === '<b');
      return names.match(text, rest);
    }
    case 'close': return assert.deepEqual(await peer.next(), { code: Number(rest) });
    default: return assert.fail(`there is no ${verb}`);
  }
}

describe('docs/protocol.md', () => {
  const all = exchanges();
  it('Has exchanges', () => assert.ok(all.length >= 10, String(all.length)));
  all.forEach((exchange, i) => it(`${exchange.section} (exchange ${i + 1})`, () => play(exchange)));

  it('Requests that are refused', async () => {
    const server = await Server.start();
    try {
      for (const row of rowsOf(page, ['request', 'status', 'body'])) {
        const [, method, target] = codesOf(row.request)[0].match(/^(\w+) (\S+)$/);
        const { status, body } = await httpRequest(server.url + target, { method });
        assert.deepEqual([status, body.trimEnd()], [Number(row.status), codesOf(row.body)[0]], row.request);
      }
    } finally {
      await server.stop();
    }
  });

  it('Packets that end the connection', async () => {
    const rows = rowsOf(page, ['message', 'close', 'why']);
    const server = await Server.start();
    try {
      for (const { message, close } of rows) {
        const [text] = codesOf(message);
        const peer = new Peer();
        await peer.open(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
        await peer.next();
        peer.socket.send('40');
        await peer.next();
        peer.socket.send(text);
        assert.deepEqual(await peer.next(), { code: Number(close) }, text);
      }
    } finally {
      await server.stop();
    }
  });

  it('Each error that an event may fail with is explained, and no other', () => {
    const header = ['client emits', 'payload', 'the caller receives', 'the others in the session receive', 'errors'];
    const events = rowsOf(page, header);
    const rows = rowsOf(page, ['code', 'message', 'what to do']);
    const explained = rows.map(({ code }) => codesOf(code)[0]);
    const sources = readdirSync(new URL('../../core/', import.meta.url), { recursive: true })
      .filter((name) => name.endsWith('.cpp'))
      .map((name) => read(`core/${name}`))
      .join('\n');
    for (const { code, message } of rows) {
      assert.ok(sources.includes(`"${codesOf(code)[0]}"`), code);
      if (message.startsWith('`')) assert.ok(sources.includes(`"${codesOf(message)[0]}"`), message);
    }
    assert.deepEqual([...new Set(events.flatMap(({ errors }) => codesOf(errors)))].sort(), explained.sort());
  });
});

// scripts/serve-nodes: nodes, Redis and HAProxy on this machine, which come and go together.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import net from 'node:net';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';

import { eventually, within } from '../e2e/support/patience.mjs';
import { freePort } from '../e2e/support/ports.mjs';

const fromRoot = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const program = process.env.DOWNBEAT_BIN ?? fromRoot('build/native-release/bin/downbeat');

/** Starts it for two nodes, and waits until it says where they are. */
async function serveNodes(t, ...options) {
  const port = await freePort();
  const child = spawn(fromRoot('scripts/serve-nodes'), ['2', program, '--port', String(port), ...options]);
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said += text));
  await eventually(() => said.includes('Try it: '), () => `the nodes\n${said}`);
  const all = (pattern) => [...said.matchAll(pattern)].map(([, found]) => found);
  return {
    port,
    signal: (name) => child.kill(name),
    ended: () => within(ended, () => `the end\n${said}`),
    pids: all(/^Node \w is process (\d+),/gm).map(Number),
    /** Of the nodes and of HAProxy. */
    ports: [port, ...all(/^Node \w is .*?:(\d+)\/healthz$/gm).map(Number), ...all(/^Redis is .*:(\d+)$/gm).map(Number)],
    network: all(/^On the network: (.*)$/gm),
    said: () => said,
  };
}

/** The status and the body of what is at a path. */
async function get(port, path, headers = {}) {
  const asked = request({ host: '127.0.0.1', port, path, headers: { Connection: 'close', ...headers } });
  asked.end();
  const [answer] = await once(asked, 'response');
  let body = '';
  for await (const part of answer.setEncoding('utf8')) body += part;
  return [answer.statusCode, body];
}

async function listens(port) {
  const socket = net.connect(port, '127.0.0.1');
  const isOpen = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error')]).catch(() => false);
  socket.destroy();
  return isOpen === true;
}

async function allAreGone({ ports }) {
  for (const port of ports) await eventually(async () => !(await listens(port)), () => `the end of port ${port}`);
}

it('Connections are spread over the nodes, and a browser on this machine finds the addresses of the network', async (t) => {
  const all = await serveNodes(t);
  const sids = [];
  for (let i = 0; i < 4; ++i) {
    const [, open] = await get(all.port, '/socket.io/?EIO=4&transport=polling');
    sids.push(/"sid":"([a-z]+)_/.exec(open)[1]);
  }
  assert.deepEqual([...new Set(sids)].sort(), ['a', 'b']);
  if (all.network.length > 0) {
    const [status, body] = await get(all.port, '/network', { Host: `localhost:${all.port}` });
    assert.equal(status, 200, body);
    assert.deepEqual(JSON.parse(body), { origins: all.network });
    for (const one of all.network) assert.equal(new URL(one).port, String(all.port));
  }
  // As for a single server: not for a page of another site, nor for who comes through a proxy.
  for (const headers of [{ Host: 'evil.example' }, { 'X-Forwarded-For': '192.0.2.1' }]) {
    const [status] = await get(all.port, '/network', headers);
    assert.equal(status, 404, JSON.stringify(headers));
  }
  assert.equal(all.said().match(/Try it/g).length, 1, 'one address to open');
});

it('All end on Ctrl-C', async (t) => {
  const all = await serveNodes(t, '--host', '127.0.0.1');
  assert.deepEqual(all.network, []);
  all.signal('SIGINT');
  assert.deepEqual(await all.ended(), [130, null]);
  await allAreGone(all);
});

it('All end when one of them dies', async (t) => {
  const all = await serveNodes(t);
  process.kill(all.pids[1], 'SIGKILL');
  assert.deepEqual(await all.ended(), [1, null]);
  assert.match(all.said(), /--nodes: b has ended with exit code 137: everything ends/);
  await allAreGone(all);
});

// HTTP as it must not be, byte for byte: what the RFCs say, what the server answers, and whether
// Node's http server and the npm package ws see the same in the same bytes.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, describe, it } from 'node:test';
import { WebSocketServer } from 'ws';

import { handshakes, oddities, violations } from './support/http_corpus.mjs';
import { within } from './support/patience.mjs';
import { Server } from './support/server.mjs';
import { dial } from './support/tls.mjs';

// Sent behind everything else: a server that reads it as a request answers, and closes.
const last = 'GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';

// All conversations byte by byte, at once, on a busy machine: nobody there is slow on purpose.
const patience = ['--header-timeout', '--body-timeout'].flatMap((time) => [time, '60000']);

// Before, its parser let pass more.
const isNodeStrict = Number(process.versions.node.split('.')[0]) >= 20;

describe('HTTP that is none', () => {
  let server;
  let node;
  before(async () => {
    server = await Server.start(...patience);
    node = http.createServer((request, response) => request.resume().on('end', () => response.end()));
    await new Promise((resolve) => node.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    node?.close();
    await server?.stop();
  });

  for (const [what, bytes, status, { node: otherwise } = {}] of violations) {
    it(`${what}: ${status}`, async () => {
      assert.deepEqual(await statuses(server, bytes + last), [status]);
      if (!isNodeStrict) return;
      const [first, ...others] = await statuses(node.address(), bytes + last);
      if (otherwise) assert.ok(first < 400, `Node has changed its mind; it was: ${otherwise}`);
      else assert.ok(first >= 400 && others.length === 0, `Node answers ${[first, ...others]}`);
    });
  }

  for (const [what, bytes, status] of oddities) {
    it(`${what}: is read`, async () => {
      assert.deepEqual(await statuses(server, bytes + last), [status, 200]);
      assert.deepEqual(await statuses(node.address(), bytes + last), [200, 200]);
    });
  }

  it('is all the same byte by byte', async () => {
    await Promise.all(
      [...violations, ...oddities].map(async ([what, bytes, status]) => {
        if (bytes.length > 1_000) return;
        const [first] = await statuses(server, bytes + last, 1);
        assert.equal(first, status, what);
      }),
    );
  });
});

describe('Handshakes of WebSockets', () => {
  let server;
  let node;
  before(async () => {
    server = await Server.start();
    node = http.createServer((_request, response) => response.writeHead(400).end());
    const sockets = new WebSocketServer({ noServer: true });
    node.on('upgrade', (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, () => {}),
    );
    await new Promise((resolve) => node.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    node?.closeAllConnections();
    node?.close();
    await server?.stop();
  });

  for (const [what, bytes, status, { ws: otherwise } = {}] of handshakes) {
    it(`${what}: ${status}`, async () => {
      const ours = await head(server, bytes);
      assert.equal(ours.status, status);
      const theirs = await head(node.address(), bytes);
      const isSame = (theirs.status === 101) === (status === 101);
      assert.equal(isSame, !otherwise, `ws answers ${theirs.status}`);
      for (const name of ['sec-websocket-accept', 'sec-websocket-protocol']) {
        if (status === 101) assert.equal(ours.fields[name], theirs.fields[name]);
      }
    });
  }
});

/** The statuses of all answers to these bytes, until the server closes the connection. */
async function statuses(where, bytes, piece = bytes.length) {
  const heard = await converse(where, bytes, piece, () => false);
  return [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** The head of the first answer to these bytes. */
async function head(where, bytes) {
  const heard = await converse(where, bytes, bytes.length, (text) => text.includes('\r\n\r\n'));
  const [first, ...lines] = heard.slice(0, heard.indexOf('\r\n\r\n')).split('\r\n');
  const fields = lines.map((line) => line.split(/: */, 2));
  return {
    status: Number(first.split(' ')[1]),
    fields: Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value])),
  };
}

/** Sends these bytes; returns the answer, up to enough of it or to the end of the connection. */
function converse(where, bytes, piece, isEnough) {
  const talk = new Promise((resolve) => {
    let heard = '';
    const socket = dial(where, async () => {
      for (let at = 0; at < bytes.length && socket.writable; at += piece) {
        socket.write(bytes.slice(at, at + piece), 'latin1');
        if (piece < bytes.length) await new Promise((next) => setImmediate(next));
      }
    });
    socket.setEncoding('latin1').on('data', (text) => {
      heard += text;
      if (isEnough(heard)) socket.destroy();
    });
    // A server that has refused the request may reset the connection while we still send.
    socket.on('error', () => {});
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(heard));
  });
  return within(talk, () => `an answer to ${JSON.stringify(bytes.slice(0, 60))}`);
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { idPattern, PollingPeer } from '../support/engineio.mjs';
import { HttpConnection, request, requestText } from '../support/http.mjs';
import { serve } from '../support/server.mjs';
import { askForWebSocket, encodeFrame, opcode, openWebSocket } from '../support/websocket.mjs';

/** What the open packet says, but for the session id. */
function openPacket(sid, upgrades) {
  const rest = '"pingInterval":300,"pingTimeout":200,"maxPayload":1000000';
  return `0{"sid":"${sid}","upgrades":${upgrades},${rest}}`;
}

for (const mode of ['engine', 'socketio']) {
  describe(`handshake, ${mode}`, () => {
    const server = serve(mode, {});
    const poll = (query) => request(server, { target: `${server.path}?${query}` });

    test('over polling', async () => {
      const { status, headers, body } = await poll('EIO=4&transport=polling');
      assert.equal(status, 200);
      assert.equal(headers['content-type'], 'text/plain; charset=UTF-8');
      assert.equal(headers['content-length'], String(body.length));
      assert.equal(headers['cache-control'], 'no-store');
      assert.equal(headers['set-cookie'], undefined);
      const { sid } = JSON.parse(body.slice(1));
      assert.match(sid, idPattern);
      assert.equal(body, openPacket(sid, '["websocket"]'));
    });

    test('over a WebSocket', async () => {
      const ws = await openWebSocket(server, 'EIO=4&transport=websocket');
      const open = await ws.next();
      const { sid } = JSON.parse(open.slice(1));
      assert.match(sid, idPattern);
      assert.equal(open, openPacket(sid, '[]'));
      ws.destroy();
    });

    for (const query of [
      'transport=polling&EIO=4',
      't=abc123&transport=polling&EIO=4',
      'EIO=4&transport=polling&b64=1&user=a%20b&flag',
      'user=%C3%A9&EIO=4&transport=polling&sid=',
    ]) {
      test(`with the query ${query}`, async () => {
        assert.equal((await poll(query)).status, 200);
      });
    }

    test('every session has an id of its own', async () => {
      const peers = await Promise.all(Array.from({ length: 50 }, () => PollingPeer.open(server)));
      assert.equal(new Set(peers.map((peer) => peer.sid)).size, 50);
    });

    test('two on one connection, one after the other', async () => {
      const connection = new HttpConnection(server.port);
      for (let i = 0; i < 2; ++i) {
        connection.write(requestText({ target: `${server.path}?EIO=4&transport=polling` }));
        assert.equal((await connection.response()).status, 200);
      }
      connection.destroy();
    });

    test('the path is a prefix', async () => {
      const target = `${server.path}what/ever?EIO=4&transport=polling`;
      assert.equal((await request(server, { target })).status, 200);
    });

    for (const path of ['/elsewhere/', '/engine.io', '/socket.io']) {
      test(`${path} is not ours`, async () => {
        const target = `${path}?EIO=4&transport=polling`;
        assert.equal((await request(server, { target })).status, 404);
      });
    }

    test('the path of the other mode is not ours', async () => {
      const other = mode === 'engine' ? '/socket.io/' : '/engine.io/';
      const target = `${other}?EIO=4&transport=polling`;
      assert.equal((await request(server, { target })).status, 404);
    });

    test('a WebSocket for another path is cut or refused', async () => {
      const path = '/elsewhere/';
      const response = await askForWebSocket(server, 'EIO=4&transport=websocket', { path });
      assert.notEqual(response?.status, 101);
    });

    test('a frame right behind the WebSocket handshake is not lost', async () => {
      const first = encodeFrame(opcode.ping, 'early');
      const ws = await openWebSocket(server, 'EIO=4&transport=websocket', { first });
      const both = [await ws.next(), await ws.next()];
      assert.deepEqual(both.filter((message) => typeof message !== 'string'), [{ pong: 'early' }]);
      ws.destroy();
    });
  });
}

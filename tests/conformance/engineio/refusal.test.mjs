import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertRefused, openSession, PollingPeer } from '../support/engineio.mjs';
import { request } from '../support/http.mjs';
import { ours, serve } from '../support/server.mjs';
import { askForWebSocket } from '../support/websocket.mjs';

// Each row: what is wrong, the method, the query, the code. Where two things are wrong, the first
// check counts: transport, origin, sid, method, EIO.
const refused = [
  ['no query', 'GET', '', 0],
  ['no transport', 'GET', 'EIO=4', 0],
  ['an unknown transport', 'GET', 'EIO=4&transport=telepathy', 0],
  ['an empty transport', 'GET', 'EIO=4&transport=', 0],
  ['a transport in capitals', 'GET', 'EIO=4&transport=POLLING', 0],
  ['a transport like a property', 'GET', 'EIO=4&transport=constructor', 0],
  ['an unknown transport before an unknown sid', 'GET', 'EIO=4&transport=abc&sid=abc', 0],
  ['an unknown transport before the method', 'POST', 'EIO=4&transport=abc', 0],
  ['an unknown transport before the EIO', 'GET', 'EIO=3&transport=abc', 0],
  ['an unknown sid', 'GET', 'EIO=4&transport=polling&sid=abc', 1],
  ['an unknown sid, POST', 'POST', 'EIO=4&transport=polling&sid=abc', 1],
  ['an unknown sid, PUT', 'PUT', 'EIO=4&transport=polling&sid=abc', 1],
  ['a sid like a property', 'GET', 'EIO=4&transport=polling&sid=__proto__', 1],
  ['an unknown sid before transport=websocket', 'GET', 'EIO=4&transport=websocket&sid=abc', 1],
  ['an unknown sid before the EIO', 'GET', 'EIO=3&transport=polling&sid=abc', 1],
  ['a handshake by POST', 'POST', 'EIO=4&transport=polling', 2],
  ['a handshake by PUT', 'PUT', 'EIO=4&transport=polling', 2],
  ['a handshake by DELETE', 'DELETE', 'EIO=4&transport=polling', 2],
  ['the method before transport=websocket', 'POST', 'EIO=4&transport=websocket', 2],
  ['the method before the EIO', 'POST', 'transport=polling', 2],
  ['transport=websocket by plain GET', 'GET', 'EIO=4&transport=websocket', 3],
  ['transport=websocket before the EIO', 'GET', 'EIO=3&transport=websocket', 3],
  ['no EIO', 'GET', 'transport=polling', 5],
  ['EIO=3', 'GET', 'EIO=3&transport=polling', 5],
  ['EIO=5', 'GET', 'EIO=5&transport=polling', 5],
  ['EIO=04', 'GET', 'EIO=04&transport=polling', 5],
  ['EIO=abc', 'GET', 'EIO=abc&transport=polling', 5],
];

for (const mode of ['engine', 'socketio']) {
  describe(`refused requests, ${mode}`, () => {
    const server = serve(mode);

    for (const [what, method, query, code] of refused) {
      test(`${what}: ${code}`, async () => {
        assertRefused(await request(server, { method, target: `${server.path}?${query}` }), code);
      });
    }

    test('a handshake by HEAD: 400', async () => {
      const target = `${server.path}?EIO=4&transport=polling`;
      assert.equal((await request(server, { method: 'HEAD', target })).status, 400);
    });

    test('an Origin with a character that no header has: 400', async () => {
      const target = `${server.path}?EIO=4&transport=polling`;
      const headers = { Origin: 'http://a\x7fb' };
      assert.equal((await request(server, { target, headers })).status, 400);
    });

    test('what does not fit the session: 3, and the session lives on', async () => {
      const peer = await PollingPeer.open(server);
      for (const query of [
        `EIO=4&transport=websocket&sid=${peer.sid}`,
        `EIO=3&transport=polling&sid=${peer.sid}`,
        `EIO=5&transport=polling&sid=${peer.sid}`,
        `transport=polling&sid=${peer.sid}`,
      ]) {
        for (const method of ['GET', 'POST']) {
          const target = `${server.path}?${query}`;
          assertRefused(await request(server, { method, target }), 3);
        }
      }
      await peer.say('6');
    });

    test('polling in the session of a WebSocket: 3, and it lives on', async () => {
      const ws = await openSession(server);
      const target = `${server.path}?EIO=4&transport=polling&sid=${ws.sid}`;
      assertRefused(await request(server, { target }), 3);
      assertRefused(await request(server, { method: 'POST', target, body: '4hello' }), 3);
      await ws.quiet(50);
      ws.destroy();
    });

    // The reference never answers.
    ours('a plain GET with the sid of a WebSocket: 3, and it lives on', async () => {
      const ws = await openSession(server);
      const target = `${server.path}?EIO=4&transport=websocket&sid=${ws.sid}`;
      assertRefused(await request(server, { target }), 3);
      await ws.quiet(50);
      ws.destroy();
    });
  });

  describe(`refused WebSockets, ${mode}`, () => {
    const server = serve(mode);

    for (const [what, query, message] of [
      ['no transport', 'EIO=4', 'Transport unknown'],
      ['an unknown transport', 'EIO=4&transport=telepathy', 'Transport unknown'],
      ['an unknown sid', 'EIO=4&transport=websocket&sid=abc', 'Session ID unknown'],
      ['an unknown sid, before the EIO', 'transport=websocket&sid=abc', 'Session ID unknown'],
    ]) {
      test(`${what}: ${message}`, async () => {
        const { status, headers, body } = await askForWebSocket(server, query);
        assert.equal(status, 400);
        assert.equal(headers['content-type'], 'text/html');
        assert.equal(headers['content-length'], String(message.length));
        assert.equal(body, message);
      });
    }

    test('an EIO that is not the one of the session: Bad request', async () => {
      const peer = await PollingPeer.open(server);
      const response = await askForWebSocket(server, `EIO=3&transport=websocket&sid=${peer.sid}`);
      assert.deepEqual([response.status, response.body], [400, 'Bad request']);
      await peer.say('6');
    });

    for (const query of ['transport=websocket', 'EIO=3&transport=websocket']) {
      test(`${query}: accepted, then dropped`, async () => {
        const response = await askForWebSocket(server, query);
        assert.equal(response.status, 101);
        // The reference writes an HTTP response onto the WebSocket before it drops it.
        assert.ok([1006, 'broken'].includes(await response.ws.closed()));
      });
    }

    test('transport=polling: accepted, then closed', async () => {
      const response = await askForWebSocket(server, 'EIO=4&transport=polling');
      assert.equal(response.status, 101);
      assert.equal(await response.ws.closed(), 1005);
    });

    for (const [what, headers] of [
      ['without a key', { 'Sec-WebSocket-Key': '' }],
      ['of another version', { 'Sec-WebSocket-Version': '12' }],
      ['with a key that is none', { 'Sec-WebSocket-Key': 'short' }],
    ]) {
      test(`${what}: an error of HTTP`, async () => {
        const { status } = await askForWebSocket(server, 'EIO=4&transport=websocket', { headers });
        assert.ok(status >= 400 && status < 500, `${status}`);
      });
    }
  });
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { openSession, PollingPeer } from '../support/engineio.mjs';
import { request } from '../support/http.mjs';
import { serve } from '../support/server.mjs';

describe('CORS for every origin', () => {
  const server = serve('engine', { 'ping-interval': 25_000, 'max-payload': 1000 });
  const headers = { Origin: 'http://elsewhere.example' };
  const allowed = (response) => response.headers['access-control-allow-origin'];

  test('the handshake', async () => {
    const target = `${server.path}?EIO=4&transport=polling`;
    const response = await request(server, { target, headers });
    assert.deepEqual([response.status, allowed(response)], [200, '*']);
    assert.equal(response.headers['access-control-allow-credentials'], undefined);
  });

  test('GET and POST', async () => {
    const peer = await PollingPeer.open(server);
    const post = await peer.post('4hello', { headers }).response;
    assert.deepEqual([post.status, allowed(post)], [200, '*']);
    const poll = await request(server, { target: peer.target, headers });
    assert.deepEqual([poll.body, allowed(poll)], ['4hello', '*']);
  });

  for (const query of ['', 'EIO=4&transport=polling&sid=abc', 'transport=polling']) {
    test(`the error reply to ?${query}`, async () => {
      const response = await request(server, { target: `${server.path}?${query}`, headers });
      assert.deepEqual([response.status, allowed(response)], [400, '*']);
    });
  }

  test('the refusal of a POST and of a body that is too long', async () => {
    const target = `${server.path}?EIO=4&transport=polling`;
    const refused = await request(server, { method: 'POST', target, headers });
    assert.deepEqual([refused.status, allowed(refused)], [400, '*']);
    const peer = await PollingPeer.open(server);
    const tooLong = await peer.post('4'.repeat(1001), { headers }).response;
    assert.deepEqual([tooLong.status, allowed(tooLong)], [413, '*']);
  });

  for (const query of ['?EIO=4&transport=polling', '?EIO=4&transport=polling&sid=abc', '']) {
    test(`OPTIONS ${query}`, async () => {
      const response = await request(server, {
        method: 'OPTIONS',
        target: `${server.path}${query}`,
        headers: {
          ...headers,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'x-one,x-two',
        },
      });
      assert.deepEqual([response.status, allowed(response)], [204, '*']);
      const methods = response.headers['access-control-allow-methods'];
      assert.equal(methods, 'GET,HEAD,PUT,PATCH,POST,DELETE');
      assert.equal(response.headers['access-control-allow-headers'], 'x-one,x-two');
      assert.match(response.headers.vary, /Access-Control-Request-Headers/i);
    });
  }

  test('a WebSocket is for every origin anyway', async () => {
    const ws = await openSession(server, '', { headers });
    ws.destroy();
  });
});

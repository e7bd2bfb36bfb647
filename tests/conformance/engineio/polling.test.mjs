import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync, inflateSync } from 'node:zlib';

import { PollingPeer, separator, untilGone } from '../support/engineio.mjs';
import { HttpConnection, request, requestText } from '../support/http.mjs';
import { sleep } from '../support/patience.mjs';
import { serve } from '../support/server.mjs';

describe('polling', () => {
  const server = serve('engine');

  test('a POST is answered with ok', async () => {
    const peer = await PollingPeer.open(server);
    const { status, headers, body } = await peer.post('4hello').response;
    assert.deepEqual([status, body], [200, 'ok']);
    assert.equal(headers['content-type'], 'text/html');
    assert.equal(headers['content-length'], '2');
    assert.equal(headers['cache-control'], 'no-store');
  });

  test('a GET is answered with what there is to say', async () => {
    const peer = await PollingPeer.open(server);
    await peer.say('4héllo €');
    const { status, headers, body } = await peer.poll().response;
    assert.deepEqual([status, body], [200, '4héllo €']);
    assert.equal(headers['content-type'], 'text/plain; charset=UTF-8');
    assert.equal(headers['content-length'], String(Buffer.byteLength(body)));
    assert.equal(headers['cache-control'], 'no-store');
  });

  test('a GET waits until there is something to say', async () => {
    const peer = await PollingPeer.open(server);
    const poll = peer.poll();
    await sleep(100);
    assert.equal(poll.isAnswered, false);
    await peer.say('4at last');
    assert.equal((await poll.response).body, '4at last');
    await peer.assertAlive();
  });

  for (const [what, ...packets] of [
    ['one message', '4hello'],
    ['an empty message', '4'],
    ['several messages', '4a', '4b', '4', '4c'],
    ['binary messages', 'bAQIDBA==', 'bAQID', 'bAQI=', 'b+/+/'],
    ['text and binary', '4a', 'bAQIDBA==', '4b', 'bAQ=='],
    ['all of Unicode', '4aé€😀\u0000\u001f'],
    ['an empty binary message', 'b'],
  ]) {
    test(`${what} in one payload`, async () => {
      const peer = await PollingPeer.open(server);
      await peer.say(...packets);
      assert.deepEqual(await peer.hearAll(packets.length), packets);
    });
  }

  test('messages of several payloads come in order, in one response', async () => {
    const peer = await PollingPeer.open(server);
    for (let i = 0; i < 20; ++i) await peer.say(`4${i}a`, `4${i}b`);
    const expected = Array.from({ length: 20 }, (_, i) => [`4${i}a`, `4${i}b`]).flat();
    assert.deepEqual(await peer.hear(), expected);
  });

  test('a body in chunks', async () => {
    const peer = await PollingPeer.open(server);
    const post = peer.post('5\r\n4hell\r\n', { headers: { 'Transfer-Encoding': 'chunked' } });
    await sleep(30);
    post.write('1\r\no\r\n0\r\n\r\n');
    assert.equal((await post.response).body, 'ok');
    assert.deepEqual(await peer.hear(), ['4hello']);
  });

  test('a body in pieces, even inside of a character', async () => {
    const peer = await PollingPeer.open(server);
    const body = Buffer.from('4é😀');
    const post = peer.post(body.subarray(0, 5), { headers: { 'Content-Length': body.length } });
    await sleep(30);
    post.write(body.subarray(5));
    assert.equal((await post.response).body, 'ok');
    assert.deepEqual(await peer.hear(), ['4é😀']);
  });

  test('many requests on one connection', async () => {
    const peer = await PollingPeer.open(server);
    const connection = new HttpConnection(server.port);
    for (let i = 0; i < 10; ++i) {
      const post = { method: 'POST', target: peer.target, body: `4${i}` };
      connection.write(requestText(post));
      assert.equal((await connection.response()).body, 'ok');
      connection.write(requestText({ target: peer.target }));
      assert.equal((await connection.response()).body, `4${i}`);
    }
    connection.destroy();
  });

  test('t=… and other parameters may vary from request to request', async () => {
    const peer = await PollingPeer.open(server, '&t=first');
    await peer.post('4hello', { target: `${peer.target}&t=second` }).response;
    const response = await request(server, { target: `${server.path}?t=x&${peer.query}&user=1` });
    assert.equal(response.body, '4hello');
  });

  test('a long response may be compressed, if the client takes that', async () => {
    const peer = await PollingPeer.open(server);
    const message = `4${'long '.repeat(1000)}`;
    for (const encoding of ['gzip', 'deflate', 'identity']) {
      await peer.say(message);
      const headers = { 'Accept-Encoding': encoding };
      const response = await request(server, { target: peer.target, headers });
      const unpack = { gzip: gunzipSync, deflate: inflateSync, undefined: (bytes) => bytes };
      const bytes = unpack[response.headers['content-encoding']](response.bytes);
      assert.equal(bytes.toString(), message);
    }
  });

  for (const method of ['PUT', 'PATCH', 'DELETE', 'HEAD']) {
    test(`${method} with a sid: 500, and the session lives on`, async () => {
      const peer = await PollingPeer.open(server);
      assert.equal((await request(server, { method, target: peer.target })).status, 500);
      await peer.assertAlive();
    });
  }
});

describe('the end of a session on polling', () => {
  const server = serve('engine');

  test('the packet 1 releases the pending GET with a noop', async () => {
    const peer = await PollingPeer.open(server);
    const poll = peer.poll();
    await poll.arrived();
    await peer.say('1');
    assert.equal((await poll.response).body, '6');
    await peer.assertGone();
  });

  test('the packet 1 without a pending GET', async () => {
    const peer = await PollingPeer.open(server);
    await peer.say('1');
    await peer.assertGone();
    const { status, body } = await peer.post('4hello').response;
    assert.deepEqual([status, body], [400, '{"code":1,"message":"Session ID unknown"}']);
  });

  test('messages before the packet 1 still count, those behind it do not', async () => {
    const peer = await PollingPeer.open(server);
    const poll = peer.poll();
    await poll.arrived();
    await peer.say('4a', '1', '4b');
    assert.equal((await poll.response).body.split(separator)[0], '4a');
    await peer.assertGone();
  });

  for (const [what, body] of [
    ['an unknown type', 'x'],
    ['a type above 6', '7'],
    ['a text that is no packet', 'hello'],
    ['the ping of a client', '2'],
    ['the probe of a client', '2probe'],
    ['an empty body', ''],
    ['nothing but a separator', separator],
    ['an empty packet in front', `${separator}4a`],
  ]) {
    test(`${what}: the POST is accepted, the session is closed`, async () => {
      const peer = await PollingPeer.open(server);
      const poll = peer.poll();
      await poll.arrived();
      await peer.say(body);
      assert.equal((await poll.response).body, '1');
      await peer.assertGone();
    });
  }

  for (const [what, body] of [
    ['behind a message', `4a${separator}`],
    ['between messages', `4a${separator}${separator}4b`],
  ]) {
    test(`an empty packet ${what}: the POST is accepted, the session is closed`, async () => {
      const peer = await PollingPeer.open(server);
      await peer.say(body);
      await peer.assertGone();
    });
  }

  test('stray packets of other types are ignored', async () => {
    const peer = await PollingPeer.open(server);
    await peer.say('0', '3', '5', '6', '3probe', '0{}');
    await peer.assertAlive();
  });

  test('a second GET: 400, and the first gets the close packet', async () => {
    const peer = await PollingPeer.open(server);
    const first = peer.poll();
    await first.arrived();
    const second = await peer.poll().response;
    assert.deepEqual([second.status, second.body], [400, '']);
    const { status, body } = await first.response;
    assert.deepEqual([status, body], [200, '1']);
    await peer.assertGone();
  });

  test('a second POST: 400, and the first is cut', async () => {
    const peer = await PollingPeer.open(server);
    const first = peer.post('4hel', { headers: { 'Content-Length': '6' } });
    await first.arrived();
    const second = await peer.post('4hello').response;
    assert.deepEqual([second.status, second.body], [400, '']);
    assert.equal(await first.response, null);
    await peer.assertGone();
  });

  test('an aborted GET', async () => {
    const peer = await PollingPeer.open(server);
    const poll = peer.poll();
    await poll.arrived();
    poll.abort();
    await untilGone(server, peer.sid);
  });

  test('an aborted POST', async () => {
    const peer = await PollingPeer.open(server);
    const post = peer.post('4hel', { headers: { 'Content-Length': '6' } });
    await post.arrived();
    post.abort();
    await untilGone(server, peer.sid);
  });

  test('an aborted POST, with a GET pending', async () => {
    const peer = await PollingPeer.open(server);
    const poll = peer.poll();
    const post = peer.post('4hel', { headers: { 'Content-Length': '6' } });
    await Promise.all([poll.arrived(), post.arrived()]);
    post.abort();
    assert.equal((await poll.response).body, '1');
    await peer.assertGone();
  });

  test('a connection that closes after the response closes no session', async () => {
    const peer = await PollingPeer.open(server);
    for (let i = 0; i < 5; ++i) {
      await peer.assertAlive();
      await sleep(10);
    }
  });

  test('a body of application/octet-stream: 400', async () => {
    const peer = await PollingPeer.open(server);
    const headers = { 'Content-Type': 'application/octet-stream' };
    assert.equal((await peer.post('4hello', { headers }).response).status, 400);
    await peer.assertGone();
  });
});

describe('the limit of a body', () => {
  const server = serve('engine', { 'ping-interval': 25_000, 'max-payload': 1000 });

  test('is in the handshake', async () => {
    assert.equal((await PollingPeer.open(server)).handshake.maxPayload, 1000);
  });

  for (const [what, body] of [
    ['one message', `4${'x'.repeat(999)}`],
    ['characters of two bytes', `4x${'é'.repeat(499)}`],
    ['two packets', `4${'a'.repeat(499)}${separator}4${'b'.repeat(498)}`],
  ]) {
    test(`${what}, exactly at the limit: accepted`, async () => {
      const peer = await PollingPeer.open(server);
      assert.equal(Buffer.byteLength(body), 1000);
      await peer.say(body);
      assert.deepEqual((await peer.hear()).join(separator), body);
    });

    test(`${what}, one byte past: 413, and the session lives on`, async () => {
      const peer = await PollingPeer.open(server);
      const response = await peer.post(`${body}x`).response;
      assert.deepEqual([response.status, response.body], [413, '']);
      await peer.assertAlive();
    });
  }

  test('a body in chunks, one byte past: 413, and the session lives on', async () => {
    const peer = await PollingPeer.open(server);
    const headers = { 'Transfer-Encoding': 'chunked' };
    const post = peer.post(`1f4\r\n4${'x'.repeat(499)}\r\n`, { headers });
    await sleep(20);
    post.write(`1f5\r\n${'x'.repeat(501)}\r\n0\r\n\r\n`);
    assert.equal((await post.response).status, 413);
    await peer.assertAlive();
  });

  test('a body of a megabyte: 413, and the session lives on', async () => {
    const peer = await PollingPeer.open(server);
    assert.equal((await peer.post('4'.repeat(1_000_000)).response).status, 413);
    await peer.assertAlive();
  });
});

describe('the limit of a body, by default', () => {
  const server = serve('engine', { 'ping-interval': 25_000 });

  test('is a million bytes', async () => {
    const peer = await PollingPeer.open(server);
    const message = `4${'x'.repeat(999_999)}`;
    await peer.say(message);
    assert.deepEqual(await peer.hear(), [message]);
    assert.equal((await peer.post(`${message}x`).response).status, 413);
    await peer.assertAlive();
  });
});

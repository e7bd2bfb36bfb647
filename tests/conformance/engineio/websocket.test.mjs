import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { assertEchoes, openSession, untilGone } from '../support/engineio.mjs';
import { sleep } from '../support/patience.mjs';
import { ours, serve } from '../support/server.mjs';
import { askForWebSocket, encodeFrame, opcode } from '../support/websocket.mjs';

const { continuation, text, binary, ping, pong } = opcode;

describe('a session on a WebSocket', () => {
  const server = serve('engine');

  for (const [what, message] of [
    ['text', '4hello'],
    ['empty text', '4'],
    ['all of Unicode', '4aé€😀\u0000\u001e\u001f'],
    ['text of 125 bytes', `4${'x'.repeat(124)}`],
    ['text of 126 bytes', `4${'x'.repeat(125)}`],
    ['text of 65,535 bytes', `4${'x'.repeat(65_534)}`],
    ['text of 65,536 bytes', `4${'x'.repeat(65_535)}`],
    ['binary', Buffer.from([1, 2, 3, 4, 0, 255])],
    ['empty binary', Buffer.alloc(0)],
    ['binary that looks like text', Buffer.from('4hello')],
  ]) {
    test(`echoes ${what}`, async () => {
      const ws = await openSession(server);
      await assertEchoes(ws, message);
      ws.destroy();
    });
  }

  test('takes a text frame of base64 as binary', async () => {
    const ws = await openSession(server);
    ws.send('bAQIDBA==');
    assert.deepEqual(await ws.next(), Buffer.from([1, 2, 3, 4]));
    ws.destroy();
  });

  test('sends binary as base64 to a client that has said b64=1', async () => {
    const ws = await openSession(server, '&b64=1');
    ws.send(Buffer.from([1, 2, 3, 4]));
    assert.equal(await ws.next(), 'bAQIDBA==');
    ws.send('bAQIDBA==');
    assert.equal(await ws.next(), 'bAQIDBA==');
    await assertEchoes(ws, '4text');
    ws.destroy();
  });

  test('keeps the order of many messages in one segment', async () => {
    const ws = await openSession(server);
    const messages = Array.from({ length: 200 }, (_, i) => `4${i}`);
    ws.write(Buffer.concat(messages.map((message) => encodeFrame(text, message))));
    for (const message of messages) assert.equal(await ws.next(), message);
    ws.destroy();
  });

  test('takes a frame byte by byte', async () => {
    const ws = await openSession(server);
    for (const byte of encodeFrame(text, '4hello')) {
      ws.write(Buffer.from([byte]));
      await sleep(2);
    }
    assert.equal(await ws.next(), '4hello');
    ws.destroy();
  });

  test('takes fragments, with a ping between them', async () => {
    const ws = await openSession(server);
    const bytes = Buffer.from('4é😀');
    ws.frame(text, bytes.subarray(0, 2), { fin: false });
    ws.frame(ping, 'are you there?');
    ws.frame(continuation, bytes.subarray(2, 5), { fin: false });
    ws.frame(continuation, '', { fin: false });
    ws.frame(continuation, bytes.subarray(5));
    assert.deepEqual(await ws.next(), { pong: 'are you there?' });
    assert.equal(await ws.next(), '4é😀');
    ws.frame(binary, [1], { fin: false });
    ws.frame(continuation, [2]);
    assert.deepEqual(await ws.next(), Buffer.from([1, 2]));
    ws.destroy();
  });

  test('answers a ping with its payload, and ignores a pong', async () => {
    const ws = await openSession(server);
    for (const payload of ['', 'x'.repeat(125)]) {
      ws.frame(ping, payload);
      assert.deepEqual(await ws.next(), { pong: payload });
    }
    ws.frame(pong, 'unasked');
    await assertEchoes(ws);
    ws.destroy();
  });

  test('does not compress, though the client offers it', async () => {
    const { headers, ws } = await askForWebSocket(server, 'EIO=4&transport=websocket', {
      headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
    });
    assert.equal(headers['sec-websocket-extensions'], undefined);
    await ws.next();
    await assertEchoes(ws);
    ws.destroy();
  });

  test('ignores stray packets of other types', async () => {
    const ws = await openSession(server);
    for (const packet of ['0', '3', '5', '6', '3probe', '0{}']) ws.send(packet);
    await assertEchoes(ws);
    ws.destroy();
  });
});

describe('the end of a session on a WebSocket', () => {
  const server = serve('engine');

  for (const [what, message] of [
    ['an unknown type', 'x'],
    ['a type above 6', '7'],
    ['a text that is no packet', 'hello'],
    ['an empty text', ''],
    ['the ping of a client', '2'],
    ['the probe of a client', '2probe'],
  ]) {
    test(`${what}: closed without a code`, async () => {
      const ws = await openSession(server);
      ws.send(message);
      assert.equal(await ws.closed(), 1005);
      await untilGone(server, ws.sid);
    });
  }

  ours('the packet 1: closed at once', async () => {
    const ws = await openSession(server);
    ws.send('1');
    assert.equal(await ws.closed(), 1005);
    await untilGone(server, ws.sid);
  });

  for (const [what, code, answer] of [
    ['no code', undefined, 1005],
    ['1000', 1000, 1000],
    ['1001', 1001, 1001],
    ['3000', 3000, 3000],
    ['4999', 4999, 4999],
  ]) {
    test(`a close frame with ${what} is answered with the same`, async () => {
      const ws = await openSession(server);
      ws.close(code);
      assert.equal(await ws.closed(), answer);
      await untilGone(server, ws.sid);
    });
  }

  test('the connection is lost', async () => {
    const ws = await openSession(server);
    ws.destroy();
    await untilGone(server, ws.sid);
  });

  test('what was said before a close frame is answered', async () => {
    const ws = await openSession(server);
    ws.write(Buffer.concat([encodeFrame(text, '4last words'), encodeFrame(opcode.close)]));
    assert.equal(await ws.next(), '4last words');
    assert.equal(await ws.closed(), 1005);
  });
});

describe('the limit of a WebSocket message', () => {
  const server = serve('engine', { 'ping-interval': 25_000, 'max-payload': 1000 });

  for (const [what, message] of [
    ['text', `4${'x'.repeat(999)}`],
    ['binary', Buffer.alloc(1000, 7)],
  ]) {
    test(`${what}, exactly at the limit: accepted`, async () => {
      const ws = await openSession(server);
      await assertEchoes(ws, message);
      ws.destroy();
    });

    test(`${what}, one byte past: closed with 1009`, async () => {
      const ws = await openSession(server);
      ws.send(Buffer.isBuffer(message) ? Buffer.alloc(1001, 7) : `${message}x`);
      assert.equal(await ws.closed(), 1009);
      await untilGone(server, ws.sid);
    });

    test(`${what} in fragments, one byte past: closed with 1009`, async () => {
      const ws = await openSession(server);
      ws.frame(Buffer.isBuffer(message) ? binary : text, message, { fin: false });
      ws.frame(continuation, 'x');
      assert.equal(await ws.closed(), 1009);
      await untilGone(server, ws.sid);
    });
  }

  test('the head of a frame that is far too long is enough: closed with 1009', async () => {
    const ws = await openSession(server);
    ws.write(Buffer.from([0x81, 0xff, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4]));
    assert.equal(await ws.closed(), 1009);
  });
});

// A corpus of valid and invalid frames, with the answer that RFC 6455 requires of a server. The npm
// package `ws` gets the same frames: if it answers otherwise, the row says so and why.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { WebSocketServer } from 'ws';

import { assertRefused, openSession } from '../support/engineio.mjs';
import { request } from '../support/http.mjs';
import { serve } from '../support/server.mjs';
import { encodeFrame, opcode, openWebSocket } from '../support/websocket.mjs';

const { continuation, text, binary, close, ping, pong } = opcode;
const maxPayload = 1000;

const part = (op, payload) => encodeFrame(op, payload, { fin: false });
const closeWith = (code, ...reason) => encodeFrame(close, [code >> 8, code & 0xff, ...reason]);
/** A masked frame that says its length in so many bytes: 0, 2 or 8. */
function withLengthIn(bytes, op, payload, length = BigInt(payload.length)) {
  const field = Buffer.alloc(8);
  field.writeBigUInt64BE(length);
  return Buffer.concat([
    Buffer.from([0x80 | op, 0x80 | (bytes === 0 ? Number(length) : bytes === 2 ? 126 : 127)]),
    field.subarray(8 - bytes),
    Buffer.alloc(4), // a mask that changes nothing
    Buffer.from(payload),
  ]);
}

const codesFrom = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

// Bytes sent, answer received, and the close code if the connection ends. A fourth member is the
// code of `ws`, if it differs.
const rows = [
  // 5.2 and 5.5: opcodes and control frames.
  ['text', encodeFrame(text, '4hello'), ['4hello']],
  ['binary', encodeFrame(binary, [0, 255]), [Buffer.from([0, 255])]],
  ['an empty binary message', encodeFrame(binary, ''), [Buffer.alloc(0)]],
  ['a ping', encodeFrame(ping, ''), [{ pong: '' }]],
  ['a ping of 125 bytes', encodeFrame(ping, 'x'.repeat(125)), [{ pong: 'x'.repeat(125) }]],
  ['a pong that nobody asked for', encodeFrame(pong, 'x'), []],
  ...[4, 2, 1].flatMap((reserved) => [
    [`reserved bit ${reserved} on text`, encodeFrame(text, '4', { reserved }), [], 1002],
    [`reserved bit ${reserved} on a ping`, encodeFrame(ping, '', { reserved }), [], 1002],
    [
      `reserved bit ${reserved} on a continuation`,
      [part(text, '4'), encodeFrame(continuation, '', { reserved })],
      [],
      1002,
    ],
  ]),
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((op) => [
    `opcode ${op}`,
    encodeFrame(op, ''),
    [],
    1002,
  ]),
  ...Object.entries({ ping, pong, close }).flatMap(([name, op]) => [
    [`a ${name} in fragments`, part(op, ''), [], 1002],
    [`a ${name} of 126 bytes`, withLengthIn(2, op, `\x03\xe8${'x'.repeat(124)}`), [], 1002],
    [`a ${name} with a length in 8 bytes`, withLengthIn(8, op, ''), [], 1002],
  ]),

  // 5.1 and 5.3: clients mask.
  ...Object.entries({ text, binary, ping, pong, close }).map(([name, op]) => [
    `${name} without a mask`,
    encodeFrame(op, '', { masked: false }),
    [],
    1002,
  ]),

  // 5.2: lengths. The RFC wants them in as few bytes as they need; `ws` does not mind.
  ['a length in 2 bytes', encodeFrame(text, '4'.repeat(126)), ['4'.repeat(126)]],
  ['125 in 2 bytes', withLengthIn(2, text, '4'.repeat(125)), [], 1002, 'lenient'],
  ['0 in 2 bytes', withLengthIn(2, binary, ''), [], 1002, 'lenient'],
  ['126 in 8 bytes', withLengthIn(8, text, '4'.repeat(126)), [], 1002, 'lenient'],
  ['a length with its topmost bit', withLengthIn(8, binary, '', 1n << 63n), [], 1002, 1009],
  ['the largest length', withLengthIn(8, binary, '', (1n << 63n) - 1n), [], 1009],
  ['one byte too many', encodeFrame(binary, Buffer.alloc(maxPayload + 1)), [], 1009],
  [
    'one byte too many in fragments',
    [part(binary, Buffer.alloc(maxPayload)), encodeFrame(continuation, 'x')],
    [],
    1009,
  ],

  // 5.4: fragments.
  ['fragments', [part(text, '4a'), part(continuation, ''), encodeFrame(continuation, 'b')], ['4ab']],
  [
    'control frames between fragments',
    [part(text, '4'), encodeFrame(ping, 'p'), encodeFrame(pong, ''), encodeFrame(continuation, 'b')],
    [{ pong: 'p' }, '4b'],
  ],
  ['a close between fragments', [part(text, '4'), closeWith(1000)], [], 1000],
  ['a continuation of nothing', encodeFrame(continuation, ''), [], 1002],
  ['a fragment that continues nothing', part(continuation, ''), [], 1002],
  [
    'a continuation of what was whole',
    [encodeFrame(text, '4'), encodeFrame(continuation, '')],
    ['4'],
    1002,
  ],
  ...[text, binary].flatMap((first) =>
    [text, binary].flatMap((second) => [
      [
        `a message of type ${second} in one of type ${first}`,
        [part(first, '4'), encodeFrame(second, '4')],
        [],
        1002,
      ],
      [
        `a fragment of type ${second} in a message of type ${first}`,
        [part(first, '4'), part(second, '4')],
        [],
        1002,
      ],
    ]),
  ),

  // 5.5.1 and 7.4: codes.
  ['a close without a code', encodeFrame(close, ''), [], 1005],
  ['a close of one byte', encodeFrame(close, [3]), [], 1002],
  ...[...codesFrom(1000, 1003), ...codesFrom(1007, 1014), 3000, 3999, 4000, 4999].map((code) => [
    `a close with ${code}`,
    closeWith(code),
    [],
    code,
  ]),
  ...[0, 1, 999, ...codesFrom(1004, 1006), 1015, 1016, 2000, 2999, 5000, 65535].map((code) => [
    `a close with ${code}, which nobody may send`,
    closeWith(code),
    [],
    1002,
  ]),
  ['a close with a reason', closeWith(1000, ...Buffer.from('so long €')), [], 1000],
  ['what comes behind a close', [closeWith(1000), encodeFrame(text, '4late')], [], 1000],
  ['a broken frame behind a close', [closeWith(1001), Buffer.from([0xff, 0xff])], [], 1001],
  ['a message before a close', [encodeFrame(text, '4last'), closeWith(1000)], ['4last'], 1000],

  // 8.1: UTF-8, in text and in reasons.
  ['UTF-8 across fragments', [part(text, [0x34, 0xe2]), encodeFrame(continuation, [0x82, 0xac])], ['4€']],
  ...[
    ['a byte that never is UTF-8', [0xff]],
    ['a byte that continues nothing', [0x80]],
    ['an overlong form', [0xc0, 0xaf]],
    ['an overlong form of three bytes', [0xe0, 0x80, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a character above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a character that is cut off', [0xe2, 0x82]],
  ].flatMap(([what, bytes]) => [
    [`text with ${what}`, encodeFrame(text, [0x34, ...bytes]), [], 1007],
    [`a close whose reason has ${what}`, closeWith(1000, ...bytes), [], 1007],
    [
      `${what}, in fragments`,
      [
        part(text, '4'),
        ...bytes.map((byte) => part(continuation, [byte])),
        encodeFrame(continuation, ''),
      ],
      [],
      1007,
    ],
  ]),
];

/** The answer to these bytes, and the close code if there is one. */
async function answersTo(ws, bytes, isClosing) {
  // The pong shows that there will be no other answer.
  if (!isClosing) bytes = Buffer.concat([bytes, encodeFrame(ping, 'the end')]);
  ws.write(bytes);
  const heard = [];
  for (;;) {
    let one;
    try {
      one = await ws.next();
    } catch (error) {
      if (!ws.isClosed) throw error;
      return [...heard, await ws.closed()];
    }
    if (one.pong === 'the end') return heard;
    heard.push(one);
  }
}

describe('each row of the corpus of frames', () => {
  const ours = serve('engine', { 'ping-interval': 25_000, 'max-payload': maxPayload });
  const theirs = { path: '/' };
  let reference;
  before(async () => {
    reference = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload });
    reference.on('connection', (ws) => {
      ws.on('error', () => {}); // it has sent its close frame
      ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
    });
    await once(reference, 'listening');
    theirs.port = reference.address().port;
  });
  after(() => reference.close());

  for (const [what, bytes, heard, code, codeOfWs = code] of rows) {
    const said = Buffer.concat([bytes].flat());

    test(`${what}: ${code === undefined ? 'served' : `closed with ${code}`}`, async () => {
      const ws = await openSession(ours);
      const expected = code === undefined ? heard : [...heard, code];
      assert.deepEqual(await answersTo(ws, said, code !== undefined), expected);
      if (code !== undefined) {
        const target = `${ours.path}?EIO=4&transport=polling&sid=${ws.sid}`;
        assertRefused(await request(ours, { target }), 1);
      }
      ws.destroy();
    });

    test(`${what}: ${codeOfWs === code ? 'the same of ws' : `${codeOfWs} of ws`}`, async () => {
      const ws = await openWebSocket(theirs, '');
      const isClosing = Number.isInteger(codeOfWs);
      const answers = await answersTo(ws, said, isClosing);
      if (codeOfWs !== 'lenient') assert.deepEqual(answers, isClosing ? [...heard, codeOfWs] : heard);
      else assert.equal(ws.isClosed, false);
      ws.destroy();
    });
  }
});

// The data that `session:event` relays from one member to the others.
import assert from 'node:assert/strict';

import { band, undisturbed } from './band.mjs';

const jsonOfAllSorts = {
  null: null,
  booleans: [true, false],
  integers: [0, 1, -1, 2 ** 31, -(2 ** 53), Number.MAX_SAFE_INTEGER, 1e21],
  fractions: [0.1, -2.5, 1 / 3, 1e-7, Number.MIN_VALUE, Number.MAX_VALUE],
  'an empty string': '',
  'a string with everything':
    'quote " backslash \\ slash / \b\f\n\r\t \u0000\u001f\u007f\u2028\ufeff',
  'a string of many scripts': 'Ångström 名前 عليّ 𝄞🎷👩‍👩‍👧‍👦',
  'a lone surrogate': '\ud83c',
  'a string that looks like packets': '42["error"]\x1e41\x1e{"_placeholder":true,"num":0}',
  'empty containers': [[], {}, [[]], [{}], { a: {} }],
  'an object whose keys have an order': { z: 1, a: 2, 'with space': 3, '': 4, é: 5, '"': 6 },
  'an object with curious keys': { constructor: 1, toString: 2, hasOwnProperty: 3, length: 4 },
  'an array of objects': [
    { note: 60, velocity: 0.8 },
    { note: 64, velocity: 0.5 },
  ],
  'something nested': { a: [{ b: [{ c: [{ d: [1, [2, [3, [4]]]] }] }] }] },
  'a placeholder without attachments': { _placeholder: true, num: 0 },
  'a long string': 'la '.repeat(3000),
};

const buffer = (...bytes) => Buffer.from(bytes);
const drum = buffer(0x00, 0x1e, 0xff, 0x80, 0x62);

const binaryOfAllSorts = {
  'one attachment as the data': drum,
  'an empty attachment': buffer(),
  'several attachments': [buffer(1), buffer(2), buffer(3)],
  'nested attachments': { take: 1, parts: [{ drum, volume: 0.5 }, { bass: { raw: buffer(7) } }] },
  'the same attachment twice': { first: drum, second: drum },
  'ten attachments': Array.from({ length: 10 }, (_, i) => buffer(i)),
  'attachments among JSON': ['text', drum, null, { a: [buffer(9), 1] }],
  'a longer attachment': Buffer.alloc(10_000, 'la '),
};

/** Each value goes from Alice to Bob and comes back from Bob to Alice. */
async function expectRelayed(connect, values) {
  const { members } = await band(connect, 'Alice', 'Bob');
  const [alice, bob] = members;
  for (const [type, data] of Object.entries(values)) {
    alice.emit('session:event', { type, data });
    const there = await bob.until('session:event');
    assert.deepEqual(there, { userId: alice.id, type, data }, type);
    assert.equal(JSON.stringify(there.data), JSON.stringify(data), `${type}, to the letter`);

    const reply = await bob.request('session:event', { type, data: there.data });
    assert.deepEqual(reply, { ok: true });
    const back = await alice.until('session:event');
    assert.deepEqual(back, { userId: bob.id, type, data }, `${type}, and back`);
  }
}

export const relay = {
  'An event reaches all others in the room, and nobody else': async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;
    const elsewhere = await band(connect, 'Dora', 'Eve');
    const nowhere = await connect();

    await undisturbed([bob, nowhere, ...elsewhere.members], async () => {
      await bob.request('session:event', { type: 'note', data: { pitch: 60 } });
      // Bob gets only his own acknowledgement.
      assert.equal(bob.transcript.pop()[0], 'ack of session:event');
      for (const other of [alice, carol]) {
        assert.deepEqual(await other.until('session:event'), {
          userId: bob.id,
          type: 'note',
          data: { pitch: 60 },
        });
      }
    });
  },

  'An event without data has none when it arrives': async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    members[0].emit('session:event', { type: 'clap' });
    assert.deepEqual(await members[1].until('session:event'), {
      userId: members[0].id,
      type: 'clap',
    });
  },

  'JSON of all sorts arrives as it was sent': ({ connect }) =>
    expectRelayed(connect, jsonOfAllSorts),

  'Binary attachments of all sorts arrive as they were sent': ({ connect }) =>
    expectRelayed(connect, binaryOfAllSorts),

  'Events arrive in the order in which they were sent': async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, ...others] = members;
    for (let beat = 0; beat < 200; ++beat) {
      const data = beat % 3 === 0 ? { beat, drum } : { beat };
      alice.emit('session:event', { type: 'beat', data });
    }
    for (const other of others) {
      for (let beat = 0; beat < 200; ++beat) {
        assert.equal((await other.until('session:event')).data.beat, beat);
      }
    }
  },
};

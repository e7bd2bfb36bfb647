// Requests of a stock client that break the contract. Each time the sender gets the defined answer
// and can go on, and another session notices nothing.
import assert from 'node:assert/strict';

import { band, undisturbed } from './band.mjs';

/** For clients that are to be back soon. */
const swift = { reconnectionDelay: 20 };

const long = (length) => 'n'.repeat(length);
const nested = (depth) => (depth === 0 ? 'deep' : [nested(depth - 1)]);

/** Arguments that are no valid payload for any event; each is a list of arguments. */
const noPayloads = {
  'no payload at all': [],
  null: [null],
  'a number': [42],
  'a boolean': [true],
  'a string': ['Alice'],
  'an array': [[]],
  'an array with a payload': [[{ name: 'Alice', roomCode: 'HAPPY-42', type: 'note' }]],
  'a payload in the second place': [null, { name: 'Alice', roomCode: 'HAPPY-42', type: 'note' }],
  'binary data': [Buffer.from('{"name":"Alice"}')],
  'nothing but nesting': [nested(500)],
  'a long string': [long(50_000)],
};

/** Values that are neither a name nor an instrument. */
const noTexts = {
  null: null,
  'a number': 42,
  'a boolean': false,
  'an array': ['Alice'],
  'an object': { first: 'Alice' },
  'binary data': Buffer.from('Alice'),
  'an empty string': '',
  'nothing but spaces': ' \t\n ',
  '33 characters': long(33),
  '33 code points beyond the basic plane': '𝄞'.repeat(33),
  'a line break inside': 'Alice\nsession created room=FORGED-1',
  'a null character': 'Al\u0000ice',
  'a delete character': 'Al\u007fice',
  'an escape sequence': '\u001b[31mAlice',
  'a lone surrogate': 'Alice \ud83c',
  'deep nesting': nested(500),
  '50 KB': long(50_000),
};

const noRoomCodes = {
  missing: undefined,
  null: null,
  'a number': 42,
  'an array': ['HAPPY-42'],
  'an object': { word: 'HAPPY' },
  'binary data': Buffer.from('HAPPY-42'),
};

const strangeRoomCodes = {
  'of spaces': '   ',
  'of punctuation': '-/_%00;--',
  'a path': '../../etc/passwd',
  'a line of the log': 'A\nsession created room=FORGED-2',
  'another script': '幸福-42',
  'of emoji': '🎷🎷🎷',
  'a lone surrogate': '\ud83c-42',
  'a prototype': '__proto__',
  '50 KB': long(50_000),
};

const noTypes = {
  missing: undefined,
  null: null,
  'a number': 42,
  'an array': ['note'],
  'an object': {},
  'binary data': Buffer.from('note'),
  'an empty string': '',
  'a thousand characters': long(1000),
};

/** Every malformed request: its title, the event, its arguments and the codes of its error. */
function* malformedRequests(roomCode) {
  const invalid = ['invalid_payload'];
  const events = ['create', 'join', 'leave', 'update', 'event'].map((name) => `session:${name}`);
  for (const event of events) {
    for (const [what, args] of Object.entries(noPayloads)) {
      yield [`${event} with ${what}`, event, args, invalid];
    }
  }
  for (const [what, text] of Object.entries({ missing: undefined, ...noTexts })) {
    yield [
      `session:create with a name that is ${what}`,
      'session:create',
      [{ name: text }],
      invalid,
    ];
    yield [
      `session:join with a name that is ${what}`,
      'session:join',
      [{ roomCode, name: text }],
      invalid,
    ];
  }
  for (const [what, text] of Object.entries(noTexts)) {
    const instrument = [{ name: 'Mallory', instrument: text }];
    yield [
      `session:create with an instrument that is ${what}`,
      'session:create',
      instrument,
      invalid,
    ];
    yield [
      `session:update with a name that is ${what}`,
      'session:update',
      [{ name: text }],
      invalid,
    ];
    yield [
      `session:update with an instrument that is ${what}`,
      'session:update',
      [{ instrument: text }],
      invalid,
    ];
  }
  for (const [what, code] of Object.entries(noRoomCodes)) {
    const payload = [{ roomCode: code, name: 'Mallory' }];
    yield [`session:join with a room code that is ${what}`, 'session:join', payload, invalid];
    yield [`session:leave with a room code that is ${what}`, 'session:leave', payload, invalid];
  }
  for (const [what, code] of Object.entries(strangeRoomCodes)) {
    const payload = [{ roomCode: code, name: 'Mallory' }];
    // It is a matter of taste whether these are well-formed, and answered as any unknown code.
    yield [
      `session:join with a room code that is ${what}`,
      'session:join',
      payload,
      ['session_not_found', 'invalid_payload'],
    ];
    yield [
      `session:leave with a room code that is ${what}`,
      'session:leave',
      payload,
      ['not_in_session', 'invalid_payload'],
    ];
  }
  for (const [what, type] of Object.entries(noTypes)) {
    yield [`session:event with a type that is ${what}`, 'session:event', [{ type }], invalid];
  }
  const deep = [{ type: 'note', data: nested(500) }];
  yield ['session:event with data that is too deep', 'session:event', deep, invalid];
}

/** The request fails in the same way with and without an acknowledgement, and changes nothing. */
async function expectRefused(client, event, args, codes) {
  client.emit(event, ...args);
  const error = await client.until('error');
  assert.deepEqual(error, { message: error.message, code: error.code, event });
  assert.ok(codes.includes(error.code), `${error.code} should be one of ${codes}`);
  assert.match(error.message, /\S/);
  assert.ok(error.message.length < 300, 'a message that a person can read');
  if (error.code === 'session_not_found') assert.equal(error.message, 'Session not found');

  const { message, code } = error;
  const mark = client.transcript.length;
  await client.request(event, ...args);
  await client.until('error');
  assert.deepEqual(client.transcript.slice(mark), [
    ['error', error],
    [`ack of ${event}`, { ok: false, error: { message, code } }],
  ]);
}

/** The room code and the list of a member who asks for them. */
async function sessionOf(member, roomCode, name) {
  const { ok, participants, hostId } = await member.request('session:join', { roomCode, name });
  assert.equal(ok, true);
  await member.until('session:joined');
  return { participants, hostId };
}

export const malformed = {
  'Every malformed request gets its error, and the next valid one works': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const own = await band(connect, 'Mallory', 'Trudy');
    const [mallory, trudy] = own.members;
    const before = await sessionOf(mallory, own.roomCode, 'Mallory');

    for (const [title, event, args, codes] of malformedRequests(roomCode)) {
      try {
        await undisturbed([...members, trudy], () => expectRefused(mallory, event, args, codes));
        // Still in her session, under her name.
        assert.deepEqual(await sessionOf(mallory, own.roomCode, 'Mallory'), before);
      } catch (error) {
        error.message = `${title}: ${error.message}`;
        throw error;
      }
    }
    mallory.emit('session:event', { type: 'note', data: 60 });
    assert.equal((await trudy.until('session:event')).data, 60);
  },

  'Unknown events are ignored, and so are those that only a server sends': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const mallory = await connect();
    const events = [
      'session:destroy',
      'session:',
      'SESSION:CREATE',
      'session:created',
      'session:user-left',
      'error',
      'message',
      'ping',
      '',
      '__proto__',
      'toString',
      long(10_000),
    ];
    await undisturbed(members, async () => {
      for (const event of events) {
        mallory.emit(event, { roomCode, name: 'Mallory', userId: members[0].id });
        mallory.emit(event);
        mallory.emit(event, Buffer.from('binary'));
        mallory.socket.emit(event, {}, () => assert.fail(`${event} was acknowledged`));
      }
      await mallory.request('session:create', { name: 'Mallory' });
      assert.deepEqual(mallory.heard(), ['connect', 'session:created', 'ack of session:create']);
    });
  },

  'A message that is too long closes its connection; the client comes back': async ({
    connect,
  }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    for (const event of ['session:create', 'session:event', 'no:such:event']) {
      const mallory = await connect(swift);
      await undisturbed(members, async () => {
        mallory.emit(event, { name: long(1_100_000) });
        await mallory.until('disconnect');
        await mallory.until('connect');
        const { ok } = await mallory.request('session:create', { name: 'Mallory' });
        assert.equal(ok, true);
      });
    }
  },

  'Too many attachments close their connection; the client comes back': async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    const mallory = await connect(swift);
    await undisturbed(members, async () => {
      const data = Array.from({ length: 11 }, (_, i) => Buffer.from([i]));
      mallory.emit('session:event', { type: 'drums', data });
      await mallory.until('disconnect');
      await mallory.until('connect');
      const { ok } = await mallory.request('session:create', { name: 'Mallory' });
      assert.equal(ok, true);
    });
  },

  'An unknown namespace is refused, and the main one works on': async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    const mallory = await connect();
    await undisturbed(members, async () => {
      for (const namespace of ['/nowhere', '/session', '/a/b?c=d', `/${long(1000)}`]) {
        const refused = mallory.socket.io.socket(namespace, { auth: { token: 'x' } });
        const error = await new Promise((resolve, reject) => {
          refused.once('connect_error', resolve);
          refused.once('connect', () => reject(new Error(`${namespace} exists`)));
        });
        assert.equal(error.message, 'Invalid namespace');
        assert.equal(refused.active, false);
      }
      const { ok } = await mallory.request('session:create', { name: 'Mallory' });
      assert.equal(ok, true);
    });
  },

  'Reserved event names cannot even be emitted': async ({ connect }) => {
    const mallory = await connect();
    for (const event of ['connect', 'disconnect', 'disconnecting', 'connect_error']) {
      assert.throws(() => mallory.emit(event, {}), /reserved event name/);
    }
    const { ok } = await mallory.request('session:create', { name: 'Mallory' });
    assert.equal(ok, true);
  },
};

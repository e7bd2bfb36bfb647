// Connections that end: in the moment of an answer, while they are being made, and with their
// server. Messages sent before the end arrive before it and on this connection; later ones arrive
// on the next connection.
import assert from 'node:assert/strict';

import { uncaughtIn } from '../support/uncaught.mjs';
import { band } from './band.mjs';

/** For clients that are to be back soon. */
const swift = { reconnectionDelay: 20 };
const once = { reconnection: false };

const long = (length) => 'n'.repeat(length);
const tooManyAttachments = Array.from({ length: 11 }, (_, i) => Buffer.from([i]));

const tooLong = 'a message that is too long';

/** What makes the server close the connection on which it comes. */
const violations = {
  'a packet that is none': (client) => client.socket.io.engine.write('nonsense'),
  [tooLong]: (client) => client.emit('session:event', long(1_100_000)),
  'too many attachments': (client) =>
    client.emit('session:event', { type: 'drums', data: tooManyAttachments }),
  'an attachment of nothing': (client) => client.socket.io.engine.write(Buffer.from('nothing')),
};

/** Requests that are under way when the connection ends, and their answers. */
const inOneBreath = (client) => [
  client.request('session:create', { name: 'Mallory' }),
  client.request('session:update', { name: 'Mal' }),
  client.request('session:event', { type: 'note', data: Buffer.from('la') }),
  client.request('session:join', { roomCode: 'INVALID-99', name: 'Mallory' }),
];
const answers = [
  'session:created',
  'ack of session:create',
  'ack of session:update',
  'ack of session:event',
  'error',
  'ack of session:join',
];

export const endings = {};

for (const [what, violate] of Object.entries(violations)) {
  endings[`Answers and the end in one moment arrive in their order: ${what}`] = async ({
    connect,
    keepsSeats = true,
  }) => {
    const mallory = await connect(swift);
    const replies = inOneBreath(mallory);
    // Over polling, a message that is too long is refused in a response of its own, on another TCP
    // connection than the answers: a client may read either of the two first.
    const { name } = mallory.socket.io.engine.transport;
    if (name === 'polling' && what === tooLong) await Promise.all(replies);
    violate(mallory);
    await Promise.all(replies);
    assert.match(await mallory.until('disconnect'), /^transport (close|error)$/);
    assert.deepEqual(mallory.heard(), ['connect', ...answers, 'disconnect']);

    await mallory.until('connect');
    await mallory.caughtUp();
    const back = keepsSeats ? ['connect', 'session:joined'] : ['connect'];
    assert.deepEqual(mallory.heard(answers.length + 2), back, 'nothing of before');
    assert.equal((await mallory.request('session:update', { name: 'Mal' })).ok, keepsSeats);
  };
}

Object.assign(endings, {
  'What comes after the end in the same moment reaches nobody': async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Mallory');
    const [alice, mallory] = members;
    mallory.socket.io.opts.reconnection = false;
    mallory.socket.io.reconnection(false);
    mallory.emit('session:event', { type: 'before' });
    mallory.socket.io.engine.write('nonsense');
    mallory.emit('session:event', { type: 'after' });
    await mallory.until('disconnect');
    await alice.until('session:user-left');
    assert.deepEqual(alice.heard(alice.transcript.length - 2), [
      'session:event',
      'session:user-left',
    ]);
  },

  'An event sent right before leaving is relayed, then user-left': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const [alice, bob] = members;
    const { id } = bob;
    bob.emit('session:update', { name: 'Bobby' });
    bob.emit('session:event', { type: 'last-note', data: Buffer.from('la') });
    bob.socket.disconnect();
    await alice.until('session:user-left');
    assert.deepEqual(alice.transcript.slice(-3), [
      ['session:user-updated', { user: { id, name: 'Bobby', instrument: 'unknown' } }],
      ['session:event', { userId: id, type: 'last-note', data: Buffer.from('la') }],
      ['session:user-left', { userId: id }],
    ]);
    assert.equal(bob.heard().at(-1), 'disconnect');
    // Messages for the old connection must not arrive on the new one.
    bob.socket.connect();
    await bob.request('session:join', { roomCode, name: 'Bob' });
    assert.deepEqual(bob.heard().slice(-3), ['connect', 'session:joined', 'ack of session:join']);
  },

  'A connection that is closed while it is being made': async ({ connect, open }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    const mallory = open({ ...once, auth: { token: long(1_100_000) } });
    mallory.emit('session:create', { name: 'Mallory' });
    await mallory.until('disconnect');
    // On polling the client first gets an HTTP status as `connect_error`.
    assert.deepEqual(
      mallory.heard().filter((event) => event !== 'connect_error'),
      ['disconnect'],
    );
    const mark = mallory.transcript.length;
    // With a valid token it works, and events that were emitted before are sent.
    mallory.socket.auth = {};
    mallory.socket.connect();
    await mallory.until('session:created');
    assert.deepEqual(mallory.heard(mark), ['connect', 'session:created']);
    for (const member of members) await member.caughtUp();
  },

});

export const endsOfTheServer = {
  'The server ends, and everybody gets disconnect after what was sent before': async ({
    connect,
    end,
  }) => {
    const { members } = await band((options) => connect({ ...once, ...options }), 'Alice', 'Bob');
    const stranger = await connect(once);
    members[0].emit('session:event', { type: 'last', data: Buffer.from('note') });
    await members[0].caughtUp();
    // A server that has ended keeps nothing for a client that is between two polls.
    const { name } = members[1].socket.io.engine.transport;
    if (name === 'polling') await members[1].caughtUp();
    await end();
    for (const client of [...members, stranger]) {
      // The next poll may find nobody there.
      assert.match(await client.until('disconnect'), /^transport (close|error)$/);
    }
    assert.deepEqual(members[1].heard().slice(-2), ['session:event', 'disconnect']);
    assert.deepEqual(stranger.heard(), ['connect', 'disconnect']);
  },

  'A client that comes after the server has ended gets an error': async ({ connect, open, end }) => {
    const alice = await connect(once);
    await end();
    await alice.until('disconnect');
    const late = open(once);
    await late.until('connect_error');
    alice.socket.connect();
    await alice.until('connect_error');
    assert.deepEqual(late.heard(), ['connect_error']);
  },
};

export const throwingListeners = {
  'A listener that throws disturbs nobody, and not itself': async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;
    const thrown = await uncaughtIn(2, async () => {
      let notes = 0;
      bob.socket.on('session:event', () => {
        if (++notes <= 2) throw new Error(`bob's mistake ${notes}`);
      });
      for (let i = 0; i < 4; ++i) alice.emit('session:event', { type: 'note', data: i });
      for (const listener of [bob, carol]) {
        for (let i = 0; i < 4; ++i) assert.equal((await listener.until('session:event')).data, i);
      }
      assert.equal(notes, 4);
    });
    assert.deepEqual(thrown, ["bob's mistake 1", "bob's mistake 2"]);
    assert.equal((await bob.request('session:update', { name: 'Bobby' })).ok, true);
    await Promise.all([alice, carol].map((member) => member.until('session:user-updated')));
  },

  'An acknowledgement that throws, and a listener of connect': async ({ connect, open }) => {
    const alice = await connect();
    const thrown = await uncaughtIn(2, async () => {
      const bob = open();
      bob.socket.on('connect', () => {
        throw new Error('bob at connect');
      });
      await bob.until('connect');
      bob.socket.emit('session:create', { name: 'Bob' }, () => {
        throw new Error('bob at ack');
      });
      const { roomCode } = await bob.until('session:created');
      await bob.caughtUp();
      assert.equal((await alice.request('session:join', { roomCode, name: 'Alice' })).ok, true);
      await bob.until('session:user-joined');
    });
    assert.deepEqual(thrown.sort(), ['bob at ack', 'bob at connect']);
  },
};

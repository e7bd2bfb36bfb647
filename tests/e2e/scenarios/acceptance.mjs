// The story's acceptance criteria, one by one.
import assert from 'node:assert/strict';

import { band, participant, undisturbed } from './band.mjs';

/** Human-readable and easily shared: a word, a hyphen, digits; ten characters at most. */
const readableCode = /^(?=.{4,10}$)[A-Z]+-[0-9]+$/;

export const acceptanceCriteria = {
  'AC 1: Session Creation': async ({ connect, logged }) => {
    const alice = await connect();

    alice.emit('session:create', { name: 'Alice' });
    const created = await alice.until('session:created');

    assert.deepEqual(created, { roomCode: created.roomCode, userId: alice.id });
    assert.match(created.roomCode, readableCode);
    await logged('session created', created.roomCode, alice.id);

    // She is the host, and in the room: she gets the joins of others.
    const bob = await connect();
    bob.emit('session:join', { roomCode: created.roomCode, name: 'Bob' });
    assert.equal((await bob.until('session:joined')).hostId, alice.id);
    assert.equal((await alice.until('session:user-joined')).user.name, 'Bob');
    assert.deepEqual(alice.heard(), ['connect', 'session:created', 'session:user-joined']);
  },

  'AC 2: Session Joining (Success)': async ({ connect, logged }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Carol');
    const [alice, carol] = members;
    const bob = await connect();

    bob.emit('session:join', { roomCode, name: 'Bob', instrument: 'drums' });

    assert.deepEqual(await bob.until('session:joined'), {
      roomCode,
      participants: [
        participant(alice, 'Alice'),
        participant(carol, 'Carol'),
        participant(bob, 'Bob', 'drums'),
      ],
      userId: bob.id,
      hostId: alice.id,
    });
    for (const other of [alice, carol]) {
      const news = await other.until('session:user-joined');
      assert.deepEqual(news, { user: participant(bob, 'Bob', 'drums') });
    }
    assert.deepEqual(bob.heard(), ['connect', 'session:joined']);
    await logged('session joined', roomCode, bob.id);

    // He is in the room: he gets the events of the others.
    alice.emit('session:event', { type: 'note', data: 60 });
    assert.equal((await bob.until('session:event')).data, 60);
  },

  'AC 3: Session Joining (Failure - Room Not Found)': async ({ connect, logged }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    const charlie = await connect();

    await undisturbed(members, async () => {
      charlie.emit('session:join', { roomCode: 'INVALID-99', name: 'Charlie' });
      assert.deepEqual(await charlie.until('error'), {
        message: 'Session not found',
        code: 'session_not_found',
        event: 'session:join',
      });
    });
    await logged('join failed', 'INVALID-99', charlie.id);

    // He is in no room: he cannot play, and gets no events.
    charlie.emit('session:event', { type: 'note' });
    assert.equal((await charlie.until('error')).code, 'not_in_session');
    await undisturbed([charlie], async () => {
      members[0].emit('session:event', { type: 'note' });
      await members[1].until('session:event');
    });
  },

  'AC 4: Session Leaving (Explicit)': async ({ connect, logged }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;

    await undisturbed([bob], async () => {
      bob.emit('session:leave', { roomCode });
      for (const other of [alice, carol]) {
        assert.deepEqual(await other.until('session:user-left'), { userId: bob.id });
      }
      await logged('session left', roomCode, bob.id);

      // He has left the room, and gets no events.
      alice.emit('session:event', { type: 'note' });
      await carol.until('session:event');
    });

    // He is off the list.
    const dave = await connect();
    dave.emit('session:join', { roomCode, name: 'Dave' });
    const { participants } = await dave.until('session:joined');
    assert.deepEqual(
      participants.map(({ name }) => name),
      ['Alice', 'Carol', 'Dave'],
    );
  },

  'AC 5: Session Leaving (Disconnection)': async ({ connect, logged }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;
    const bobsId = bob.id;

    bob.close();

    for (const other of [alice, carol]) {
      assert.deepEqual(await other.until('session:user-left'), { userId: bobsId });
    }
    await logged('client disconnected', bobsId);

    const dave = await connect();
    dave.emit('session:join', { roomCode, name: 'Dave' });
    const { participants } = await dave.until('session:joined');
    assert.deepEqual(
      participants.map(({ name }) => name),
      ['Alice', 'Carol', 'Dave'],
    );
  },

  'AC 6: Participant Data Structure': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice');
    const [alice] = members;
    const bob = await connect();
    const expectParticipant = (user, client) => {
      assert.deepEqual(Object.keys(user), ['id', 'name', 'instrument']);
      Object.values(user).forEach((value) => assert.equal(typeof value, 'string'));
      assert.equal(user.id, client.id);
    };

    bob.emit('session:join', { roomCode, name: 'Bob', instrument: 'piano' });
    const { participants } = await bob.until('session:joined');
    expectParticipant(participants[0], alice);
    expectParticipant(participants[1], bob);
    assert.equal(participants[0].instrument, 'unknown');

    const joined = await alice.until('session:user-joined');
    expectParticipant(joined.user, bob);
    assert.equal(joined.user.instrument, 'piano');

    bob.emit('session:update', { instrument: 'drums' });
    const updated = await alice.until('session:user-updated');
    expectParticipant(updated.user, bob);
    assert.equal(updated.user.instrument, 'drums');
  },

  'AC 7: Room Code Generation': async ({ connect }) => {
    const codes = new Set();
    for (let i = 0; i < 20; ++i) {
      const host = await connect();
      host.emit('session:create', { name: `Host ${i}` });
      const { roomCode } = await host.until('session:created');
      assert.match(roomCode, readableCode);
      codes.add(roomCode);
    }
    assert.equal(codes.size, 20, 'each active session has a code of its own');

    const bob = await connect();
    for (const roomCode of codes) {
      for (const spelling of spellings(roomCode)) {
        bob.emit('session:join', { roomCode: spelling, name: 'Bob' });
        const joined = await bob.until('session:joined');
        assert.equal(joined.roomCode, roomCode, `"${spelling}" means ${roomCode}`);
      }
    }
  },
};

/** Ways in which people type a code. */
function spellings(code) {
  const [word, digits] = code.split('-');
  const capitalised = word[0] + word.slice(1).toLowerCase();
  return [
    code.toLowerCase(),
    `${capitalised}-${digits}`,
    `${word}${digits}`,
    `${word} ${digits}`,
    `${word}_${digits}`,
    `  ${code}\n`,
    `${word}-${digits.replaceAll('0', 'O').replaceAll('1', 'I')}`,
    `${word}-${digits.replaceAll('0', 'o').replaceAll('1', 'l')}`,
    `${word.replaceAll('O', '0')}-${digits}`,
  ];
}

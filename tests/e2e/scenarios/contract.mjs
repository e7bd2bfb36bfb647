// The event contract beyond the story: what each event promises, with an acknowledgement and
// without.
import assert from 'node:assert/strict';

import { band, participant, undisturbed } from './band.mjs';

/** The reply must come after the event, and both must say the same. */
function expectEventThenAck(client, event, request, details) {
  assert.deepEqual(client.transcript.slice(-2), [
    [event, details],
    [`ack of ${request}`, { ok: true, ...details }],
  ]);
}

/** Expects a request to fail in this way, first without and then with an acknowledgement. */
async function expectFailure(client, request, payload, code) {
  client.emit(request, payload);
  const error = await client.until('error');
  assert.deepEqual(error, { message: error.message, code, event: request });
  assert.match(error.message, /\S/);

  const { message } = error;
  const mark = client.transcript.length;
  await client.request(request, payload);
  assert.deepEqual(client.transcript.slice(mark), [
    ['error', { message, code, event: request }],
    [`ack of ${request}`, { ok: false, error: { message, code } }],
  ]);
  await client.until('error');
}

export const acknowledgements = {
  'session:create is acknowledged after session:created': async ({ connect }) => {
    const alice = await connect();
    const { roomCode } = await alice.request('session:create', { name: 'Alice' });
    expectEventThenAck(alice, 'session:created', 'session:create', {
      roomCode,
      userId: alice.id,
    });
  },

  'session:join is acknowledged after session:joined': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice');
    const bob = await connect();
    await bob.request('session:join', { roomCode, name: 'Bob' });
    expectEventThenAck(bob, 'session:joined', 'session:join', {
      roomCode,
      participants: [participant(members[0], 'Alice'), participant(bob, 'Bob')],
      userId: bob.id,
      hostId: members[0].id,
    });
  },

  'session:leave, session:update and session:event are acknowledged with ok': async (stage) => {
    const { roomCode, members } = await band(stage.connect, 'Alice', 'Bob');
    const [alice, bob] = members;

    assert.deepEqual(await bob.request('session:update', { name: 'Bobby' }), { ok: true });
    await alice.until('session:user-updated');
    assert.deepEqual(await bob.request('session:event', { type: 'note' }), { ok: true });
    await alice.until('session:event');
    assert.deepEqual(await bob.request('session:leave', { roomCode }), { ok: true });
    await alice.until('session:user-left');

    assert.deepEqual(bob.heard(2), [
      'ack of session:update',
      'ack of session:event',
      'ack of session:leave',
    ]);
  },

  'A failure is an error event, then an acknowledgement': async ({ connect }) => {
    const client = await connect();
    const roomCode = 'INVALID-99';
    await expectFailure(client, 'session:create', { name: '' }, 'invalid_payload');
    await expectFailure(client, 'session:join', { roomCode, name: '' }, 'invalid_payload');
    await expectFailure(client, 'session:join', { roomCode, name: 'Charlie' }, 'session_not_found');
    await expectFailure(client, 'session:leave', {}, 'invalid_payload');
    await expectFailure(client, 'session:leave', { roomCode }, 'not_in_session');
    await expectFailure(client, 'session:update', { name: 'Charlie' }, 'not_in_session');
    await expectFailure(client, 'session:event', { type: 'note' }, 'not_in_session');

    await client.request('session:create', { name: 'Charlie' });
    await expectFailure(client, 'session:leave', { roomCode }, 'not_in_session');
    await expectFailure(client, 'session:update', { name: '' }, 'invalid_payload');
    await expectFailure(client, 'session:event', {}, 'invalid_payload');
  },
};

export const participants = {
  'Names and instruments are trimmed': async ({ connect }) => {
    const alice = await connect();
    const { roomCode } = await alice.request('session:create', {
      name: '  Alice\t',
      instrument: ' piano ',
    });
    const bob = await connect();
    const joined = await bob.request('session:join', { roomCode, name: '\n Bob' });
    assert.deepEqual(joined.participants, [
      participant(alice, 'Alice', 'piano'),
      participant(bob, 'Bob'),
    ]);
  },

  'A name has up to 32 code points of any script': async ({ connect }) => {
    for (const name of ['x', 'Ångström 🎷', '名前', 'عليّ', '𝄞'.repeat(32), '"\\</script>']) {
      const { members } = await band(connect, name, name);
      const { user } = members[0].transcript.at(-1)[1];
      assert.equal(user.name, name);
    }
  },

  'Two people may have the same name': async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Alice');
    const { participants } = members[1].transcript.at(-1)[1];
    assert.deepEqual(
      participants.map(({ name }) => name),
      ['Alice', 'Alice'],
    );
    assert.notEqual(members[0].id, members[1].id);
  },

  'Participants are listed in the order of joining, the caller last': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;
    await bob.request('session:leave', { roomCode });

    const { participants, hostId } = await bob.request('session:join', { roomCode, name: 'Bob' });
    assert.deepEqual(participants, [
      participant(alice, 'Alice'),
      participant(carol, 'Carol'),
      participant(bob, 'Bob'),
    ]);
    assert.equal(hostId, alice.id);
  },

  'An update reaches the others and newcomers': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const [alice, bob] = members;

    await undisturbed([bob], async () => {
      bob.emit('session:update', { name: ' Bobby ', instrument: 'bass' });
      const updated = await alice.until('session:user-updated');
      assert.deepEqual(updated, { user: participant(bob, 'Bobby', 'bass') });

      bob.emit('session:update', { instrument: 'drums' });
      const again = await alice.until('session:user-updated');
      assert.deepEqual(again, { user: participant(bob, 'Bobby', 'drums') });
    });

    const carol = await connect();
    const { participants } = await carol.request('session:join', { roomCode, name: 'Carol' });
    assert.deepEqual(participants[1], participant(bob, 'Bobby', 'drums'));
  },

  'Fields and arguments that the contract does not name are ignored': async ({ connect }) => {
    const more = { colour: 'red', ok: null, nested: { deep: [1, [2]] }, photo: Buffer.from('png') };
    const alice = await connect();
    const created = await alice.request('session:create', { name: 'Alice', ...more });
    const { roomCode } = created;
    assert.deepEqual(created, { ok: true, roomCode, userId: alice.id });

    const bob = await connect();
    const joined = await bob.request('session:join', { ...more, roomCode, name: 'Bob' }, 'more');
    assert.deepEqual(joined.participants, [participant(alice, 'Alice'), participant(bob, 'Bob')]);
    assert.deepEqual(await alice.until('session:user-joined'), { user: participant(bob, 'Bob') });

    bob.emit('session:update', { ...more, name: 'Bobby' });
    assert.deepEqual(await alice.until('session:user-updated'), {
      user: participant(bob, 'Bobby'),
    });
    bob.emit('session:event', { ...more, type: 'note', data: 60 });
    assert.deepEqual(await alice.until('session:event'), {
      userId: bob.id,
      type: 'note',
      data: 60,
    });
    bob.emit('session:leave', { ...more, roomCode });
    assert.deepEqual(await alice.until('session:user-left'), { userId: bob.id });
  },
};

export const hosts = {
  'When the host leaves, the longest-standing participant becomes host': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;

    await alice.request('session:leave', { roomCode });
    for (const other of [bob, carol]) {
      assert.deepEqual(await other.until('session:host-changed'), { hostId: bob.id });
      assert.deepEqual(other.transcript.slice(-2), [
        ['session:user-left', { userId: alice.id }],
        ['session:host-changed', { hostId: bob.id }],
      ]);
    }

    // A client that returns is last in the order of joining.
    const returned = await alice.request('session:join', { roomCode, name: 'Alice' });
    assert.equal(returned.hostId, bob.id);
    await bob.request('session:leave', { roomCode });
    assert.deepEqual(await alice.until('session:host-changed'), { hostId: carol.id });
  },

  'When the host is disconnected, the session goes on': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;
    const hostId = alice.id;

    alice.close();
    for (const other of [bob, carol]) {
      assert.deepEqual(await other.until('session:user-left'), { userId: hostId });
      assert.deepEqual(await other.until('session:host-changed'), { hostId: bob.id });
    }
    const dave = await connect();
    assert.equal((await dave.request('session:join', { roomCode, name: 'Dave' })).hostId, bob.id);
  },

  'When another than the host leaves, the host stays': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;
    const mark = carol.transcript.length;

    await bob.request('session:leave', { roomCode });
    await carol.until('session:user-left');
    alice.emit('session:event', { type: 'note' });
    await carol.until('session:event');
    assert.deepEqual(carol.heard(mark), ['session:user-left', 'session:event']);
  },

  'When the last one leaves, the session is gone': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const [alice, bob] = members;
    await alice.request('session:leave', { roomCode });
    await bob.request('session:leave', { roomCode });
    await expectFailure(alice, 'session:join', { roomCode, name: 'Alice' }, 'session_not_found');
  },

  'When the last one is disconnected, the session is gone': async ({ connect, logged, settled = () => {} }) => {
    const { roomCode, members } = await band(connect, 'Alice');
    const [alice] = members;
    const alicesId = alice.id;
    alice.close();
    await logged('client disconnected', alicesId);
    await settled();

    const bob = await connect();
    await expectFailure(bob, 'session:join', { roomCode, name: 'Bob' }, 'session_not_found');
  },
};

export const oneSessionAtATime = {
  'Joining another session leaves the first, once it has succeeded': async ({ connect }) => {
    const first = await band(connect, 'Alice', 'Bob', 'Carol');
    const second = await band(connect, 'Dora');
    const [alice, bob, carol] = first.members;
    const [dora] = second.members;

    await undisturbed(first.members.slice(1), async () => {
      await expectFailure(
        alice,
        'session:join',
        { roomCode: 'INVALID-99', name: 'Alice' },
        'session_not_found',
      );
      await expectFailure(
        alice,
        'session:join',
        { roomCode: second.roomCode, name: '' },
        'invalid_payload',
      );
    });

    const mark = alice.transcript.length;
    alice.emit('session:join', { roomCode: second.roomCode, name: 'Alice' });
    assert.deepEqual((await alice.until('session:joined')).participants, [
      participant(dora, 'Dora'),
      participant(alice, 'Alice'),
    ]);
    assert.deepEqual(await dora.until('session:user-joined'), {
      user: participant(alice, 'Alice'),
    });
    for (const other of [bob, carol]) {
      assert.deepEqual(await other.until('session:user-left'), { userId: alice.id });
      assert.deepEqual(await other.until('session:host-changed'), { hostId: bob.id });
    }

    // Events of the first room do not reach her any more; events of the second do.
    bob.emit('session:event', { type: 'old' });
    await carol.until('session:event');
    dora.emit('session:event', { type: 'new' });
    assert.equal((await alice.until('session:event')).type, 'new');
    assert.deepEqual(alice.heard(mark), ['session:joined', 'session:event']);
  },

  'Creating another session leaves the first, once it has succeeded': async ({ connect, settled = () => {} }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const [alice, bob] = members;

    await undisturbed([alice], () =>
      expectFailure(bob, 'session:create', { name: '' }, 'invalid_payload'),
    );
    const created = await bob.request('session:create', { name: 'Bob' });
    assert.notEqual(created.roomCode, roomCode);
    assert.deepEqual(await alice.until('session:user-left'), { userId: bob.id });

    // Alice was alone in the first session, so it ends.
    await alice.request('session:create', { name: 'Alice' });
    await settled();
    await expectFailure(bob, 'session:join', { roomCode, name: 'Bob' }, 'session_not_found');
  },

  "Joining one's own session notifies nobody": async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const [alice, bob, carol] = members;
    const everybody = [
      participant(alice, 'Alice'),
      participant(bob, 'Bob'),
      participant(carol, 'Carol'),
    ];

    await undisturbed([alice, carol], async () => {
      for (const name of ['Bob', 'Robert']) {
        const rejoined = await bob.request('session:join', { roomCode, name });
        expectEventThenAck(bob, 'session:joined', 'session:join', {
          roomCode,
          participants: everybody,
          userId: bob.id,
          hostId: alice.id,
        });
        assert.equal(rejoined.ok, true);
      }
    });

    // The list that a newcomer gets is still the one that the others have.
    const dave = await connect();
    const { participants } = await dave.request('session:join', { roomCode, name: 'Dave' });
    assert.deepEqual(participants, [...everybody, participant(dave, 'Dave')]);
  },

  'Who has left can be in a session again': async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob');
    const [alice, bob] = members;
    for (let i = 0; i < 3; ++i) {
      await bob.request('session:leave', { roomCode });
      assert.deepEqual(await alice.until('session:user-left'), { userId: bob.id });
      await expectFailure(bob, 'session:leave', { roomCode }, 'not_in_session');
      await bob.request('session:join', { roomCode, name: 'Bob' });
      assert.equal((await alice.until('session:user-joined')).user.id, bob.id);
    }
  },
};

// Past a limit comes a clear error, and nobody else feels it.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { band, undisturbed } from './scenarios/band.mjs';
import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { theatre } from './support/theatre.mjs';

const [, overWebSocket] = ways;

describe('A full session', () => {
  const { everyWay } = theatre('--max-participants', '3');

  everyWay('A join when it is full gets session_full', async ({ connect }) => {
    const { roomCode, members } = await band(connect, 'Alice', 'Bob', 'Carol');
    const own = await band(connect, 'Dave', 'Eve');
    const [dave, eve] = own.members;

    await undisturbed([...members, eve], async () => {
      const reply = await dave.request('session:join', { roomCode, name: 'Dave' });
      const { message, code } = reply.error;
      assert.equal(code, 'session_full');
      assert.deepEqual(reply, { ok: false, error: { message, code } });
      assert.deepEqual(await dave.until('error'), { message, code, event: 'session:join' });
    });

    // Members may still rejoin, and Dave is still in his own session.
    assert.equal((await members[1].request('session:join', { roomCode, name: 'Bob' })).ok, true);
    await dave.request('session:event', { type: 'note' });
    await eve.until('session:event');

    // A place that becomes free can be taken.
    await members[1].request('session:leave', { roomCode });
    await members[0].until('session:user-left');
    assert.equal((await dave.request('session:join', { roomCode, name: 'Dave' })).ok, true);
  });
});

describe('The default limits', () => {
  const { play, everyWay } = theatre();

  play('A session has room for ten', overWebSocket, async ({ connect }) => {
    const names = Array.from({ length: 10 }, (_, i) => `Musician ${i}`);
    const { roomCode } = await band(connect, ...names);
    const late = await connect();
    const reply = await late.request('session:join', { roomCode, name: 'Late' });
    assert.equal(reply.error.code, 'session_full');
  });

  everyWay('An event has room for 16 KiB', async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    const [alice, bob] = members;

    await undisturbed([bob], async () => {
      for (const data of ['n'.repeat(20_000), Buffer.alloc(20_000)]) {
        const reply = await alice.request('session:event', { type: 'sample', data });
        assert.equal(reply.error.code, 'invalid_payload');
      }
    });
    for (const data of ['n'.repeat(16_000), Buffer.alloc(16_000)]) {
      alice.emit('session:event', { type: 'sample', data });
      assert.deepEqual((await bob.until('session:event')).data, data);
    }
  });

  play('Who plays too fast gets rate_limited, for a while', overWebSocket, async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    const [alice, bob] = members;
    const replies = await Promise.all(
      Array.from({ length: 5000 }, () => alice.request('session:event', { type: 'note' })),
    );
    const accepted = replies.filter(({ ok }) => ok);
    const refused = replies.filter(({ ok }) => !ok);
    assert.ok(accepted.length > 0 && refused.length > 0);
    for (const { error } of refused) assert.equal(error.code, 'rate_limited');
    for (const _ of refused) {
      assert.equal((await alice.until('error')).code, 'rate_limited');
    }

    // The accepted events have arrived, and no others.
    for (const _ of accepted) await bob.until('session:event');
    await bob.caughtUp();
    assert.equal(bob.heard().filter((event) => event === 'session:event').length, accepted.length);

    // Bob may play all the while, and Alice again after a moment.
    assert.equal((await bob.request('session:event', { type: 'note' })).ok, true);
    await eventually(
      async () => (await alice.request('session:event', { type: 'note' })).ok,
      () => 'the rate limit to pass',
    );
  });

  play('Who guesses room codes gets rate_limited', overWebSocket, async ({ connect }) => {
    const { members } = await band(connect, 'Alice', 'Bob');
    const mallory = await connect();
    await undisturbed(members, async () => {
      let code = 'session_not_found';
      for (let i = 0; i < 1000 && code === 'session_not_found'; ++i) {
        const guess = { roomCode: `GUESS-${i}`, name: 'Mallory' };
        ({ code } = (await mallory.request('session:join', guess)).error);
      }
      assert.equal(code, 'rate_limited');
    });
    // The clients that are in a session are not affected.
    members[0].emit('session:event', { type: 'note' });
    await members[1].until('session:event');
  });
});

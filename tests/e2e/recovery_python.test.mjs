// A client that cannot recover and is not ours: Debian's python3-socketio.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { PythonClient } from './support/python.mjs';
import { heardOf, heartbeat, seats } from './support/seats.mjs';

const [, overWebSocket] = ways;

describe('A client in Python', () => {
  const play = seats('--reconnect-grace', '60', '--seat-hold', '3600', '--max-participants', '2', ...heartbeat);

  for (const transport of ['polling', 'websocket']) {
    play(`gets back into a full session after each cut, over ${transport}`, async ({ line, open, enter, server }) => {
      const pias = await line();
      const alice = open(overWebSocket);
      const pia = enter(new PythonClient(pias.url, transport));
      await alice.until('connect');
      alice.emit('session:create', { name: 'Alice' });
      const { roomCode } = await alice.until('session:created');
      let id = await pia.until('connect');
      pia.emit('session:join', { roomCode, name: 'Pia' });
      assert.equal((await pia.until('session:joined')).userId, id);

      for (let i = 1; i <= 3; ++i) {
        // Her process says a little later what she has noticed: a second cut might hit her return.
        pias.unplug();
        await pia.until('disconnect');
        pias.plugIn();
        const next = await pia.until('connect');
        assert.notEqual(next, id);
        await server.logged('participant away', id);
        pia.emit('session:join', { roomCode, name: 'Pia' });
        const { participants, resumed } = await pia.until('session:joined');
        assert.deepEqual(participants.map(({ name }) => name), ['Alice', 'Pia']);
        assert.equal(resumed, undefined);
        await alice.caughtUp();
        assert.deepEqual(heardOf(alice, id), ['joined', 'away', 'gone: seat_taken']);
        id = next;
      }

      // Events with one argument each, there and back.
      alice.emit('session:event', { type: 'note', data: [1, { two: 'drei' }] });
      const note = await pia.until('session:event');
      assert.deepEqual(note, { userId: alice.id, type: 'note', data: [1, { two: 'drei' }] });
      pia.emit('session:event', { type: 'note', data: 7 });
      assert.deepEqual(await alice.until('session:event'), { userId: id, type: 'note', data: 7 });
      assert.ok(!pia.heard().includes('session:ended'), pia.story());
      assert.doesNotMatch(pia.errors, /Traceback|TypeError/);
    });
  }

  play('receives the drops and returns of others, with handlers of one parameter', async ({ line, open, enter, server }) => {
    const alices = await line();
    const alice = open(overWebSocket, { reconnection: false }, { url: alices.url });
    await alice.until('connect');
    alice.emit('session:create', { name: 'Alice' });
    const { roomCode, userId } = await alice.until('session:created');
    const pia = enter(new PythonClient(server.url, 'websocket'));
    const id = await pia.until('connect');
    pia.emit('session:join', { roomCode, name: 'Pia' });
    await pia.until('session:joined');
    alices.cut();
    assert.deepEqual(await pia.until('session:user-left'), { userId, away: true, graceMs: 60_000 });
    assert.deepEqual(await pia.until('session:host-changed'), { hostId: id, acting: true });
    await alice.until('disconnect');
    alice.socket.connect();
    const { user, back, after } = await pia.until('session:user-joined');
    assert.deepEqual([user.id, back, after], [userId, true, null]);
    assert.equal((await pia.until('session:host-changed')).hostId, userId);
    assert.doesNotMatch(pia.errors, /Traceback|TypeError/);
  });
});

// The story's manual verification plan. Each test is a tab of its own in the story; here each is a
// client.
import assert from 'node:assert/strict';

/** Test 1 creates a session; the others need one. */
async function createSession(socket) {
  socket.emit('session:create', { name: 'Alice' });
  return socket.until('session:created');
}

/** Test 2 joins it; the later ones need Bob there. */
async function joinSession(connect) {
  const socket = await connect();
  const { roomCode } = await createSession(socket);
  const socket2 = await connect();
  socket2.emit('session:join', { roomCode, name: 'Bob' });
  const joined = await socket2.until('session:joined');
  const userJoined = await socket.until('session:user-joined');
  return { socket, socket2, roomCode, joined, userJoined };
}

export const manualTests = {
  'Test 1: Create Session': async ({ connect }) => {
    const socket = await connect();
    const created = await createSession(socket);

    assert.ok(created.roomCode);
    assert.equal(created.userId, socket.id);
  },

  'Test 2: Join Session': async ({ connect }) => {
    const { socket, socket2, roomCode, joined, userJoined } = await joinSession(connect);

    assert.equal(joined.roomCode, roomCode);
    assert.equal(joined.userId, socket2.id);
    assert.deepEqual(joined.participants, [
      { id: socket.id, name: 'Alice', instrument: 'unknown' },
      { id: socket2.id, name: 'Bob', instrument: 'unknown' },
    ]);
    assert.deepEqual(userJoined, {
      user: { id: socket2.id, name: 'Bob', instrument: 'unknown' },
    });
  },

  'Test 3: Join Invalid Session': async ({ connect }) => {
    const socket3 = await connect();
    socket3.emit('session:join', { roomCode: 'INVALID-99', name: 'Charlie' });

    assert.equal((await socket3.until('error')).message, 'Session not found');
  },

  'Test 4: Leave Session': async ({ connect }) => {
    const { socket, socket2, roomCode } = await joinSession(connect);
    socket2.emit('session:leave', { roomCode });

    assert.deepEqual(await socket.until('session:user-left'), { userId: socket2.id });
  },

  'Test 5: Disconnection Handling': async ({ connect, logged }) => {
    const { socket, socket2 } = await joinSession(connect);
    const bobsId = socket2.id;
    socket2.close();

    assert.deepEqual(await socket.until('session:user-left'), { userId: bobsId });
    await logged('client disconnected', bobsId);
  },
};

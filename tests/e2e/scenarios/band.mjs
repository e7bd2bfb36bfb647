// What most scenes begin with.
import assert from 'node:assert/strict';

/** A session whose members joined in this order, and have got each other's joins. */
export async function band(connect, ...names) {
  const members = [];
  let roomCode;
  for (const name of names) {
    const member = await connect();
    if (members.length === 0) {
      member.emit('session:create', { name });
      ({ roomCode } = await member.until('session:created'));
    } else {
      member.emit('session:join', { roomCode, name });
      await member.until('session:joined');
      await Promise.all(members.map((other) => other.until('session:user-joined')));
    }
    members.push(member);
  }
  return { roomCode, members };
}

/** A participant as the others see it. */
export function participant(client, name, instrument = 'unknown') {
  return { id: client.id, name, instrument };
}

/** Plays something of which these clients must notice nothing. */
export async function undisturbed(clients, play) {
  const marks = clients.map((client) => client.transcript.length);
  const result = await play();
  for (const [i, client] of clients.entries()) {
    await client.caughtUp();
    assert.deepEqual(client.transcript.slice(marks[i]), []);
  }
  return result;
}

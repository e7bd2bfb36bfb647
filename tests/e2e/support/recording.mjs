// A recording to replay: a jam of real clients on every transport, with all that may go wrong.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { connect, ways } from './client.mjs';
import { Server } from './server.mjs';

/** Lines of a recording, as regular expressions. */
export const movedAway = /^\d+ < move \d+ \{.*"state":/m;
export const movedIn = /^\d+ > moved-in \{.*"state":/m;
export const messageOfShard = /^\d+ > shard-message /m;

/** Far more than are ever needed, for a server that migrates nobody. */
const mostRounds = 30;

/** The files of a recording: with several threads, each has its own. */
export function filesOf(file, threads = 1) {
  return threads === 1 ? [file] : Array.from({ length: threads }, (_, i) => `${file}.${i}`);
}

/**
 * Records a jam to this file, which must not be there yet. The server decides which event loop gets
 * which connection. So with several threads the jam is repeated until the files show that a client
 * has migrated from one loop to another, and that each loop has got a message from another.
 */
export async function recordJam(file, threads = 1) {
  const server = await Server.start(
    '--record', file, '--max-participants', '4', '--threads', String(threads),
  );
  try {
    for (let round = 0; round < mostRounds; ++round) {
      for (const way of ways) await play(server, way);
      if (threads === 1 || (await hasMigration(filesOf(file, threads)))) return;
    }
    throw new Error(`in ${mostRounds} rounds no client has migrated from one event loop to another`);
  } finally {
    await server.stop();
  }
}

async function hasMigration(files) {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const isInSome = (line) => texts.some((text) => line.test(text));
  return isInSome(movedAway) && isInSome(movedIn) && texts.every((text) => messageOfShard.test(text));
}

async function play(server, way) {
  const clients = [];
  const enter = async (options) => {
    clients.push(await connect(server.url, way, options));
    return clients.at(-1);
  };
  try {
    const alice = await enter({ auth: { token: 'hush' } });
    const bob = await enter({ reconnectionDelay: 20 });
    const alicesId = alice.id;
    const { roomCode } = await alice.request('session:create', { name: 'Alice' });
    await bob.request('session:join', { roomCode, name: 'Bob', instrument: 'drums' });
    await bob.until('session:joined');
    bob.socket.io.engine.close(); // lost, and back
    assert.equal((await alice.until('session:user-left')).away, true);
    assert.equal((await bob.until('session:joined')).resumed, true);
    await bob.request('session:update', { instrument: 'hush drums' });
    const data = { wave: Buffer.from([1, 2, 255]), note: 'hush', at: [0.5, null, true] };
    await bob.request('session:event', { type: 'sample', data });
    await alice.until('session:event');
    await bob.request('session:join', { roomCode: 'INVALID-99', name: 'Bob' });
    await bob.request('session:event', { type: 7 });
    await alice.request('session:leave', { roomCode });
    alice.socket.emit('hush', 'an event that nobody knows');
    clients.forEach((client) => client.close());
    // Their ends are in the recording as well.
    await server.logged('client disconnected', alicesId);
    await server.logged('session closed', roomCode);
  } finally {
    clients.forEach((client) => client.close());
  }
}

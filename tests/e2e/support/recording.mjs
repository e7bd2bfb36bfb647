// A recording to replay: a jam of real clients on every transport, with all that may go wrong.
import { connect, ways } from './client.mjs';
import { Server } from './server.mjs';

/** Records a jam to this file, which must not be there yet. */
export async function recordJam(file) {
  const server = await Server.start('--record', file, '--max-participants', '4');
  for (const way of ways) {
    const alice = await connect(server.url, way, { auth: { token: 'hush' } });
    const bob = await connect(server.url, way);
    const { roomCode } = await alice.request('session:create', { name: 'Alice' });
    await bob.request('session:join', { roomCode, name: 'Bob', instrument: 'drums' });
    await bob.request('session:update', { instrument: 'hush drums' });
    const data = { wave: Buffer.from([1, 2, 255]), note: 'hush', at: [0.5, null, true] };
    await bob.request('session:event', { type: 'sample', data });
    await alice.until('session:event');
    await bob.request('session:join', { roomCode: 'INVALID-99', name: 'Bob' });
    await bob.request('session:event', { type: 7 });
    await alice.request('session:leave', { roomCode });
    alice.socket.emit('hush', 'an event that nobody knows');
    alice.socket.disconnect();
    bob.socket.disconnect();
    await server.logged(bob.id ?? '', 'client disconnected');
  }
  await server.stop();
}

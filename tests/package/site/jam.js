// A jam in a page or a worker, from npm modules or bundles. Returns the events that it received.
export async function jam(createServer, io, options) {
  const server = await createServer(options);
  const connect = (settings) =>
    io('http://localhost', {
      transports: [server.transport],
      forceNew: true,
      reconnectionDelay: 1,
      ...settings,
    });
  const next = (socket, event) => new Promise((resolve) => socket.once(event, resolve));
  const heard = {};

  const alice = connect({ auth: { token: 'secret' } });
  const bob = connect();
  const { roomCode, userId } = await alice.emitWithAck('session:create', { name: 'Alice' });
  heard.isOwnId = userId === alice.id;
  const joined = next(alice, 'session:user-joined');
  const reply = await bob.emitWithAck('session:join', { roomCode, name: 'Bob' });
  heard.names = reply.participants.map(({ name }) => name);
  heard.joined = (await joined).user.name;

  const replies = Array.from({ length: 500 }, (_, i) =>
    alice.emitWithAck('session:update', { name: `Alice ${i}` }),
  );
  heard.replies = (await Promise.all(replies)).filter(({ ok }) => ok).length;

  bob.emit('session:join', { roomCode: 'INVALID-99', name: 'Bob' });
  heard.error = (await next(bob, 'error')).message;

  // Later messages wait while Blobs are read.
  const events = [];
  const both = new Promise((resolve) => {
    bob.on('session:event', (event) => events.push(event) === 2 && resolve());
  });
  const blob = new Blob([Uint8Array.of(0, 1, 255)]);
  alice.emit('session:event', { type: 'blob', data: [blob, Uint8Array.of(7, 8, 9).subarray(1)] });
  alice.emit('session:event', { type: 'after' });
  await both;
  heard.events = events.map(({ type }) => type);
  heard.binary = events[0].data.map((part) => [part.constructor.name, ...new Uint8Array(part)]);

  server.link.drop();
  heard.disconnect = await next(bob, 'disconnect');
  await next(bob, 'connect');
  heard.sockets = server.snapshot().sockets.length;
  alice.disconnect();
  bob.disconnect();
  await server.close();
  return heard;
}

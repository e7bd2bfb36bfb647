// The reference server, npm's socket.io, with the options and the events of `conformance-server
// --recovery`, as far as the tests of recovery need them.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

/** The value of an option; undefined without it, and true if it has no value. */
function option(name) {
  const at = process.argv.indexOf(`--${name}`);
  if (at === -1) return undefined;
  const value = process.argv[at + 1];
  return value === undefined || value.startsWith('--') ? true : value;
}

const recovery = option('recovery');
const http = createServer((_, response) => response.writeHead(404).end());
const io = new Server(http, {
  pingInterval: Number(option('ping-interval')),
  pingTimeout: Number(option('ping-timeout')),
  // Its defaults are what is compared, so give it nothing that was not asked for.
  connectionStateRecovery: recovery === true ? {} : { maxDisconnectionDuration: Number(recovery) },
});

for (const name of ['/', '/custom', '/quiet']) {
  const nsp = io.of(name);
  nsp.use((socket, next) => {
    next(socket.handshake.auth.refuse === true ? new Error('refused') : undefined);
  });
  nsp.on('connection', (socket) => {
    if (name !== '/quiet') socket.emit('auth', socket.handshake.auth);

    socket.on('message', (...args) => socket.emit('message-back', ...args));
    socket.on('volatile', (...args) => socket.volatile.emit('volatile-msg', ...args));
    socket.on('emit-with-ack', (...args) => {
      socket.emit('emit-with-ack', ...args, (...answer) => socket.emit('emit-with-ack', ...answer));
    });
    socket.on('broadcast', (...args) => socket.broadcast.emit('broadcast-msg', ...args));
    socket.on('to-room', (room, ...args) => socket.to(room).emit('room-msg', ...args));
    socket.on('ns-room', (room, ...args) => nsp.to(room).emit('room-msg', ...args));
    socket.on('emit-to', (rooms, except, ...args) => {
      nsp.to(rooms).except(except).emit('room-msg', ...args);
    });

    const answering = (name, body) => {
      socket.on(name, (...args) => {
        const answer = args.pop();
        answer(...(body(...args) ?? []));
      });
    };
    answering('join', (room) => void socket.join(room));
    answering('leave', (room) => void socket.leave(room));
    answering('set-data', (value) => void (socket.data.value = value));
    answering('state', () => {
      const { recovered, rooms, data } = socket;
      return [{ recovered, rooms: [...rooms], data }];
    });

    socket.on('server-disconnect', (close) => socket.disconnect(close));
    socket.on('close-transport', () => socket.conn.close());
  });
}

process.on('SIGTERM', () => process.exit(0));
http.listen(Number(option('port')), '127.0.0.1', () => {
  console.log(`the reference server listening on http://127.0.0.1:${http.address().port}`);
});

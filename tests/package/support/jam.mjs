// What most tests begin with: the installed package, and clients that leave when the test ends.
import { patience } from '../../e2e/support/patience.mjs';
import { Project } from './project.mjs';

export const project = await Project.create();
export const { createServer, replay } = await project.import('downbeat-server');
const { io } = await project.import('socket.io-client');

/** A server that is closed when the test `t` ends. */
export async function serve(t, options) {
  const server = await createServer(options);
  t.after(() => server.close());
  return server;
}

/** A server on virtual time, the same in every run. */
export function serveVirtually(t, options) {
  return serve(t, { seed: 7, time: 'virtual', ...options });
}

/** A stock client behind this transport, which leaves when the test `t` ends. */
export function join(t, transport, options) {
  const socket = io('http://localhost', {
    transports: [transport],
    forceNew: true,
    reconnectionDelay: 1,
    reconnectionDelayMax: 1,
    ...options,
  });
  t.after(() => socket.disconnect());
  return socket;
}

/** The first argument of the next event of this name. */
export async function next(emitter, event) {
  const [argument] = await several(1, emitter, event);
  return argument;
}

/** Waits until a client is connected, which it may be already. */
export async function connected(socket) {
  if (!socket.connected) await next(socket, 'connect');
}

/** The first arguments of as many events of this name. */
export function several(count, emitter, event) {
  return new Promise((resolve, reject) => {
    const heard = [];
    const listen = (argument) => {
      heard.push(argument);
      if (heard.length === count) finish(resolve, heard);
    };
    const finish = (settle, result) => {
      clearTimeout(timer);
      emitter.off(event, listen);
      settle(result);
    };
    const impatient = () => finish(reject, new Error(`waited in vain for ${count} ${event}`));
    const timer = setTimeout(impatient, patience);
    emitter.on(event, listen);
  });
}

/** Two members of one session, who have got each other's joins. */
export async function duet(t, server) {
  const alice = join(t, server.transport);
  const bob = join(t, server.transport);
  const { roomCode } = await alice.emitWithAck('session:create', { name: 'Alice' });
  await bob.emitWithAck('session:join', { roomCode, name: 'Bob' });
  return { alice, bob, roomCode };
}

// What compiles, and what must not. Never run.
import { createServer, replay } from 'downbeat-server';
import type {
  Ack,
  AcknowledgedEvents,
  ClientToServerEvents,
  ErrorCode,
  ErrorPayload,
  Limits,
  Link,
  Page,
  Participant,
  Replay,
  Server,
  ServerClosing,
  ServerToClientEvents,
  SessionCreated,
  SessionItem,
  Snapshot,
} from 'downbeat-server';
import { createServer as createSlimServer } from 'downbeat-server/slim';
import { io } from 'socket.io-client';
import type { Socket } from 'socket.io-client';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function expect<A, B>(isEqual: Equal<A, B>): void;

const server: Server = await createServer({ seed: 7, time: 'virtual', maxParticipants: 3 });
await createServer();
await createServer({ seed: 7n, wasm: new Uint8Array(), traceLimit: Infinity });
await createSlimServer({ wasm: new URL('https://example.org/downbeat.wasm') });

const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io('http://localhost', {
  transports: [server.transport],
  forceNew: true,
});

// Emitting, with and without an acknowledgement.
socket.emit('session:create', { name: 'Alice' });
socket.emit('session:create', { name: 'Alice', instrument: 'piano' }, (reply) => {
  expect<typeof reply, Ack<SessionCreated>>(true);
  if (reply.ok) reply.roomCode satisfies string;
  else reply.error.code satisfies ErrorCode;
});
socket.emit('session:join', { roomCode: 'WALTZ-42', name: 'Bob' }, (reply) => {
  if (reply.ok) reply.participants satisfies Participant[];
});
socket.emit('session:leave', { roomCode: 'WALTZ-42' });
socket.emit('session:update', { instrument: 'drums' });
socket.emit('session:event', { type: 'note', data: { pitch: 60, raw: new Uint8Array() } });

// @ts-expect-error: there is no such event
socket.emit('session:explode', {});
// @ts-expect-error: the payload is missing
socket.emit('session:create');
// @ts-expect-error: the name is missing
socket.emit('session:create', {});
// @ts-expect-error: a name is text
socket.emit('session:create', { name: 42 });
// @ts-expect-error: a slip of the pen
socket.emit('session:join', { roomcode: 'WALTZ-42', name: 'Bob' });
// @ts-expect-error: a session is left by its code
socket.emit('session:leave', {});
// @ts-expect-error: an event has a type
socket.emit('session:event', { data: 60 });
socket.emit('session:create', { name: 'Alice' }, (reply) => {
  // @ts-expect-error: it may have failed
  reply.roomCode;
});
// @ts-expect-error: there is nothing after the acknowledgement
socket.emit('session:create', { name: 'Alice' }, () => {}, 42);

// Listening.
socket.on('session:created', ({ roomCode, userId }) => {
  expect<typeof roomCode, string>(true);
  expect<typeof userId, string>(true);
});
socket.on('session:joined', (payload) => {
  payload.participants satisfies Participant[];
  payload.hostId satisfies string;
});
socket.on('session:user-joined', ({ user }) => {
  expect<typeof user, Participant>(true);
  expect<typeof user.node, string | undefined>(true);
});
socket.on('session:user-left', ({ userId }) => userId satisfies string);
socket.on('session:user-updated', ({ user }) => user.instrument satisfies string);
socket.on('session:host-changed', ({ hostId }) => hostId satisfies string);
socket.on('session:event', ({ type, data }) => {
  expect<typeof type, string>(true);
  expect<typeof data, unknown>(true);
});
socket.on('error', (error) => {
  expect<typeof error, ErrorPayload>(true);
  if (error.code === 'session_full') error.message satisfies string;
  // @ts-expect-error: there is no such code
  if (error.code === 'session_gone') return;
});
socket.on('server:closing', (closing) => {
  expect<typeof closing, ServerClosing>(true);
  closing.withinMs satisfies number;
});
socket.on('connect', () => {});
socket.on('disconnect', (reason) => reason satisfies string);
// @ts-expect-error: there is no such event
socket.on('session:exploded', () => {});
// @ts-expect-error: there is no such field
socket.on('session:user-left', ({ name }) => name);

// emitWithAck knows what it gets.
const asking: Socket<ServerToClientEvents, AcknowledgedEvents> = io();
const created = await asking.emitWithAck('session:create', { name: 'Alice' });
expect<typeof created, Ack<SessionCreated>>(true);
// @ts-expect-error: the name is missing
await asking.emitWithAck('session:create', {});
const left = await asking.emitWithAck('session:leave', { roomCode: 'WALTZ-42' });
expect<typeof left, Ack>(true);
if (!left.ok) left.error.message satisfies string;

asking.timeout(1000).emit('session:leave', { roomCode: 'WALTZ-42' }, (error, reply) => {
  error satisfies Error;
  reply.ok satisfies boolean;
});
// @ts-expect-error: here an acknowledgement is a must
asking.emit('session:leave', { roomCode: 'WALTZ-42' });

// The server.
const link: Link = server.createLink({ name: 'Alice', latencyMs: 80, jitterMs: 40, loss: 0.01 });
io('http://localhost', { transports: [link.transport] });
link.latencyMs = 100;
link.unplug();
link.plug();
link.drop();
await server.advance(1000);
server.now satisfies number;
const snapshot: Snapshot = server.snapshot();
snapshot.sessions[0]!.participants[0] satisfies Participant | undefined;
server.measure()['sessions'] satisfies number | undefined;
const page = server.query({ query: 'participants', roomCode: 'WALTZ-42', limit: 10 });
if (page.ok) page.items[0]!.place satisfies number;
else page.error.code satisfies 'invalid_request' | 'not_found';
server.query({ query: 'sessions', after: '7' }) satisfies Page<SessionItem>;
server.operate({ command: 'close_session', roomCode: 'WALTZ-42' }).ok satisfies boolean;
// @ts-expect-error: whose participants?
server.query({ query: 'participants' });
// @ts-expect-error: there is no such command
server.operate({ command: 'reboot' });
server.trace satisfies string[];
const stop: () => void = server.onTrace((line) => line.length);
stop();
const found: Replay = await replay(server.trace);
found.difference satisfies string | null;
(await replay('downbeat trace 2 {}')).digest satisfies string;
server.settings satisfies Readonly<Required<Limits>>;
server.build.commit satisfies string;
await server.close();

// @ts-expect-error: a seed is a number
await createServer({ seed: '7' });
// @ts-expect-error: there are two kinds of time
await createServer({ time: 'fake' });
// @ts-expect-error: a slip of the pen
await createServer({ maxParticipant: 3 });
// @ts-expect-error: without the module built in, it must be given
await createSlimServer({ seed: 7 });
// @ts-expect-error: milliseconds have it in their name
server.createLink({ latency: 80 });
// @ts-expect-error: time cannot be set
server.now = 5;
// @ts-expect-error: nor can a limit
server.settings.maxPayload = 5;
// @ts-expect-error: nor is this for everyone
server.link.drawDelay();

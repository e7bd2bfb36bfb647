// What tests of kept seats have in common.
import { before, after, it } from 'node:test';
import { io } from 'socket.io-client';

import { Client } from './client.mjs';
import { Line } from './line.mjs';
import { eventually } from './patience.mjs';
import { Server } from './server.mjs';

/** Reconnection without pauses that a test would have to wait for. */
export const soon = { reconnectionDelay: 20, reconnectionDelayMax: 50, randomizationFactor: 0 };

/** For servers whose clients are cut between two polls, when only the heartbeat notices that. */
export const heartbeat = ['--ping-interval', '500', '--ping-timeout', '4000'];

/** What a member has heard of this user, as words. */
export function heardOf(client, id) {
  return client.transcript.flatMap(([event, payload]) => {
    if (event === 'session:user-left' && payload.userId === id) return payload.away ? ['away'] : ['left'];
    if (event === 'session:user-joined' && payload.user.id === id) return payload.back ? ['back'] : ['joined'];
    if (event === 'session:user-gone' && payload.userId === id) return [`gone: ${payload.reason}`];
    return [];
  });
}

/** Whether these words are one join, and then drops and returns in turn. */
export function isInTurn(heard) {
  return heard.every((word, i) => word === (i === 0 ? 'joined' : i % 2 === 1 ? 'away' : 'back'));
}

/** How often a client has lost its connection. */
export function dropsOf(client) {
  return client.heard().filter((event) => event === 'disconnect').length;
}

/**
 * Cuts until the client has noticed: between two polls there is nothing to cut. A poll that hangs in the middle of an
 * upgrade is noticed only by the heartbeat, after 45 s. The line must be the client's own: others that have noticed
 * earlier would be cut again on their return.
 */
export async function cutOff(line, client, cut = () => line.cut()) {
  const before = dropsOf(client);
  await eventually(
    () => {
      if (dropsOf(client) === before) cut();
      return dropsOf(client) > before;
    },
    () => `the end of a connection\n${client.story()}`,
    90_000,
  );
}

/** The value of a metric without labels. */
export async function metric({ url }, name) {
  const body = await (await fetch(`${url}/metrics`)).text();
  return Number(body.match(new RegExp(`^${name} (\\d+)$`, 'm'))[1]);
}

/** What takes away, or comes back, takes effect at once and is written a moment later. Waits until all is. */
export function allWritten(server) {
  return eventually(
    async () => (await metric(server, 'downbeat_journal_owed_events')) === 0,
    () => 'the journal to have all events',
  );
}

/**
 * Inside a `describe`: a server with these options. A scene gets `server`, `open(…)`, which opens a stock
 * client, and `line()`. Options of the test may stand before the scene. Each scene has clients and lines of its own; when one fails, it says what its clients
 * heard.
 */
export function seats(...options) {
  let server;
  // A stop need not wait for kept seats.
  before(async () => (server = await Server.start('--drain-timeout', '0', ...options)));
  after(() => server.stop());
  return (title, ...rest) => {
    const scene = rest.pop();
    it(title, ...rest, async () => {
      const clients = [];
      const lines = [];
      const begin = server.log.length;
      const enter = (client) => {
        clients.push(client);
        return client;
      };
      const stage = {
        server,
        enter,
        line: async (options) => {
          lines.push(await Line.to(server, options));
          return lines.at(-1);
        },
        open: (way, options = {}, { url = server.url, connect = io } = {}) =>
          enter(new Client(connect(url, { ...way.options, forceNew: true, ...options }))),
      };
      try {
        await Promise.race([scene(stage), server.death]);
      } catch (error) {
        const log = server.log.slice(begin).split('\n').slice(-60).join('\n');
        console.error(`--- ${title}\n${clients.map((one) => one.story?.() ?? '').join('')}${log}---`);
        throw error;
      } finally {
        clients.forEach((client) => client.close());
        lines.forEach((line) => line.close());
      }
    });
  };
}

/** Alice, who has created a session, and Bob, who has joined it; each connects in a way of their own. */
export async function duo(alice, bob) {
  await alice.until('connect');
  await bob.until('connect');
  alice.emit('session:create', { name: 'Alice' });
  const { roomCode } = await alice.until('session:created');
  bob.emit('session:join', { roomCode, name: 'Bob' });
  await bob.until('session:joined');
  await alice.until('session:user-joined');
  return roomCode;
}

/** Waits until the client is back on its seat; what the server said of the session. */
export async function back(client) {
  await client.until('connect');
  return client.until('session:joined');
}

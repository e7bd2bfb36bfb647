// Runs scenes: one server for all of them, new clients for each, and the log when one fails. With DOWNBEAT_NODES=3 it is
// three nodes behind HAProxy, and clients must not be able to tell that.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { connect, open, ways } from './client.mjs';
import { Company, withoutNodes } from './company.mjs';
import { Server } from './server.mjs';

/** Whether there are several nodes. */
export const isCompany = process.env.DOWNBEAT_NODES !== undefined;
const start = (...options) => (isCompany ? Company : Server).start(...options);
const read = isCompany ? withoutNodes : undefined;

/**
 * Inside a `describe`: has a server with these options run for its tests.
 *
 * A scene is a function of a stage: `connect()` gives a client that has connected, `open()` one
 * that has only begun to, `logged(...)` waits for a line of the server's log with all of these
 * parts, `settled()` waits until who has left has left for everybody, and `end()` ends the server; the next scene gets
 * a new one. Scenes that use nothing else
 * can be played on any other server as well. `keepsSeats` is false on one that keeps none.
 * `server`, `url` and `way` are for tests of this one.
 */
export function theatre(...options) {
  let server;
  let hasEnded = false;
  before(async () => (server = await start(...options)));
  after(async () => {
    if (!server || server.hasDied || hasEnded) return;
    const end = await server.stop();
    assert.deepEqual(end, { code: 0, signal: null }, `the server's log:\n${tail(server.log)}`);
  });

  /** Plays a scene once, with clients that connect in this way. */
  function play(title, way, scene) {
    it(title, async () => {
      // A scene that killed the server has failed; the next one gets a new server.
      if (server.hasDied || hasEnded) server = await start(...options);
      hasEnded = false;
      const clients = [];
      const begin = server.log.length;
      const stage = {
        server,
        way,
        url: server.url,
        keepsSeats: options[options.indexOf('--reconnect-grace') + 1] !== '0',
        logged: (...parts) => server.logged(...parts),
        settled: async () => server.settled?.(),
        connect: async (options) => {
          const client = await connect(server.url, way, options, read);
          clients.push(client);
          return client;
        },
        open: (options) => {
          const client = open(server.url, way, options, read);
          clients.push(client);
          return client;
        },
        end: async () => {
          hasEnded = true;
          assert.deepEqual(await server.stop(), { code: 0, signal: null });
        },
      };
      try {
        await Promise.race([scene(stage), server.death]);
      } catch (error) {
        const stories = clients.slice(0, 10).map((client) => client.story());
        const log = tail(server.log.slice(begin));
        console.error(`--- ${title}\n${stories.join('')}the server's log:\n${log}---`);
        throw error;
      } finally {
        clients.forEach((client) => client.close());
      }
    });
  }

  return {
    play,
    /** Plays a scene over each of the three ways. */
    everyWay: (title, scene) =>
      describe(title, () => ways.forEach((way) => play(`over ${way.name}`, way, scene))),
    /** Plays each scene of a collection over each of the three ways. */
    everyScene: (scenes) =>
      ways.forEach((way) =>
        describe(`over ${way.name}`, () =>
          Object.entries(scenes).forEach(([title, scene]) => play(title, way, scene))),
      ),
  };
}

/** The last lines of a log. */
function tail(log) {
  return log.split('\n').slice(-100).join('\n');
}

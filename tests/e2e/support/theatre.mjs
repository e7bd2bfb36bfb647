// Where scenes are played: a server for all of them, clients for each, and a word on what failed.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { connect, ways } from './client.mjs';
import { Server } from './server.mjs';

/**
 * Inside a `describe`: has a server with these options run for its tests.
 *
 * A scene is a function of a stage: `connect()` gives a client that has connected, `logged(...)`
 * waits for a line of the server's log with all of these parts. Scenes that use nothing else can
 * be played on any other server as well. `server`, `url` and `way` are for tests of this one.
 */
export function theatre(...options) {
  let server;
  before(async () => (server = await Server.start(...options)));
  after(async () => {
    if (!server || server.hasDied) return;
    const end = await server.stop();
    assert.deepEqual(end, { code: 0, signal: null }, `the server's log:\n${tail(server.log)}`);
  });

  /** Plays a scene once, with clients that connect in this way. */
  function play(title, way, scene) {
    it(title, async () => {
      // Who killed the server has failed by that; the next one gets a new server.
      if (server.hasDied) server = await Server.start(...options);
      const clients = [];
      const begin = server.log.length;
      const stage = {
        server,
        way,
        url: server.url,
        logged: (...parts) => server.logged(...parts),
        connect: async (options) => {
          const client = await connect(server.url, way, options);
          clients.push(client);
          return client;
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

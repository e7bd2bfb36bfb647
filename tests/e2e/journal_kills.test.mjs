// Servers that are killed while everybody creates, joins, leaves, changes names and plays, at random moments.
// DOWNBEAT_KILLS=100 kills each of them so often.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { eventually, within } from './support/patience.mjs';
import { pipelined } from './support/pipelined.mjs';
import { random } from './support/random.mjs';
import { allWritten, metric } from './support/seats.mjs';
import { Troupe, unlimited } from './support/troupe.mjs';
import { restarts } from './support/venue.mjs';

const kills = Number(process.env.DOWNBEAT_KILLS ?? 5);

describe('Killed at a random moment', () => {
  for (const threads of ['1', '2']) {
    const options = ['--threads', threads, ...unlimited];
    restarts(`a server with --threads ${threads} has all that was acknowledged`, options, async (stage) => {
      const troupe = new Troupe(stage, random(`kills ${threads}`), 12, Number(threads));
      await troupe.arrive();
      for (let i = 0; i < kills; ++i) {
        assert.deepEqual(await troupe.endure(), [], `after kill ${i + 1}`);
      }
      console.log(`--threads ${threads}, ${kills} kills: ${JSON.stringify(troupe.counts)}`);
    });
  }
});

/** Waits for a text that a pipelined client gets. */
const heard = (client, text) => within(client.until(text), () => `${text}\n${client.story()}`);

const pidOf = ({ said }) => said.match(/"pid":"([^"]+)"/)[1];

/** The codes of rooms that the server has told this client of, in order. */
function roomsOf({ said }) {
  return [...said.matchAll(/"session:(?:created|joined)",\{"roomCode":"([^"]+)"/g)].map(([, code]) => code);
}

/** The room in which somebody with this pid is now. */
async function roomOf(pid, { venue, enter }) {
  const client = enter(pipelined(venue.server, `40{"pid":"${pid}"}`, '421["session:leave"]'));
  await heard(client, '431[');
  return roomsOf(client)[0];
}

const ends = { 'kill -9': (venue) => venue.server.kill(), SIGTERM: (venue) => venue.server.stop() };

for (const [title, end] of Object.entries(ends)) {
  describe(`${title} among clients that wait for nothing`, () => {
    for (const threads of ['1', '2']) {
      const options = ['--threads', threads, ...unlimited];
      restarts(`who create rooms all the time, with --threads ${threads}`, options, async ({ venue, enter }) => {
        const crowd = Array.from({ length: 50 }, () => enter(pipelined(venue.server, '40')));
        await Promise.all(crowd.map((client) => heard(client, '"pid"')));
        const creates = Array.from({ length: 20 }, (_, i) => `42${i}["session:create",{"name":"Greedy"}]`);
        for (const client of crowd) client.send(...creates);
        await heard(crowd[random('crowd').below(crowd.length)], '433[');
        await end(venue);
        await Promise.all(crowd.map(({ ended }) => ended));
        await venue.start();
        const lost = [];
        for (const client of crowd) {
          // Two appends of a move may be apart by a kill; then the participant is in the later room.
          const now = await roomOf(pidOf(client), { venue, enter });
          if (now === undefined && roomsOf(client).length > 0) lost.push(client.story());
        }
        assert.deepEqual(lost, []);
      });
    }

    restarts('who drop the line behind a create: no room is left over', unlimited, async ({ venue, enter }) => {
      const create = '421["session:create",{"name":"Hasty"}]';
      const crowd = Array.from({ length: 100 }, () => enter(pipelined(venue.server, '40', create, create)));
      for (const [i, client] of crowd.entries()) {
        if (i % 3 > 0) await heard(client, i % 3 === 1 ? '40{' : '431[');
        client.close();
      }
      await end(venue);
      await venue.start('--reconnect-grace', '1');
      for (const client of crowd.filter((one) => one.said.includes('431['))) {
        const [, id] = client.said.match(/"sid":"([^"]+)","pid"/);
        await venue.server.logged('seat ended', id, 'reason=expired');
      }
      // Nor of those who were not told of theirs.
      await eventually(async () => (await metric(venue, 'downbeat_sessions')) === 0, () => 'the end of all sessions');
      await allWritten(venue.server);
      await venue.server.stop();
      await venue.start();
      await venue.server.logged('sessions are kept', 'restored=0');
    });
  });
}

// A Redis that goes, comes back, and has forgotten, while everybody creates, joins, leaves and plays; then the server is
// killed. DOWNBEAT_KILLS=100 does that so often.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { eventually } from './support/patience.mjs';
import { random } from './support/random.mjs';
import { allWritten, metric } from './support/seats.mjs';
import { Troupe, unlimited } from './support/troupe.mjs';
import { restarts } from './support/venue.mjs';

const kills = Number(process.env.DOWNBEAT_KILLS ?? 6);

/** Waits until this metric of the server is larger than it was when this was called. */
async function grows(server, name) {
  const before = await metric(server, name);
  return () => eventually(async () => (await metric(server, name)) > before, () => `${name} to grow`);
}

/** What happens to a Redis. Each returns once the server has noticed, and has written what was lost. */
const faults = {
  'it is slow': async ({ redis }, chance) => {
    redis.pause();
    await chance.pause(300);
    redis.resume();
  },
  'its connections are cut': async ({ redis }) => {
    await redis.ask('CLIENT', 'KILL', 'TYPE', 'normal');
  },
  'it is emptied': async ({ redis, server }) => {
    const repaired = () => metric(server, 'downbeat_redis_repaired_rooms_total');
    const before = await repaired();
    await redis.ask('FLUSHALL');
    await eventually(() => redis.ask('GET', 'downbeat:lineage'), () => 'the server to notice');
    await eventually(
      async () => (await repaired()) > before || (await metric(server, 'downbeat_sessions')) === 0,
      () => 'the sessions',
    );
  },
  'it comes back empty': async ({ redis, server }, chance) => {
    const connected = await grows(server, 'downbeat_redis_connections_total');
    await redis.kill();
    redis.forget();
    await chance.pause(300);
    await redis.begin();
    await connected();
  },
  'it comes back as an old copy': async ({ redis, server }, chance) => {
    const connected = await grows(server, 'downbeat_redis_connections_total');
    await redis.ask('SAVE');
    await chance.pause(300);
    await redis.kill();
    await redis.begin();
    await connected();
  },
};

describe('Redis has faults while everybody plays', () => {
  for (const threads of ['1', '2']) {
    const options = { args: ['--threads', threads, ...unlimited], journal: 'redis' };
    restarts(`and a server with --threads ${threads} is killed afterwards: nothing is lost`, options, async (stage) => {
      const { venue } = stage;
      const chance = random(`faults of Redis ${threads}`);
      const troupe = new Troupe(stage, chance, 12, Number(threads));
      await troupe.arrive();
      const names = Object.keys(faults);
      for (let i = 0; i < kills; ++i) {
        const fault = names[i % names.length];
        const found = await troupe.endure([], async () => {
          await faults[fault](venue, chance);
          await chance.pause(100);
          // What the server owes is lost with it.
          await allWritten(venue.server);
        });
        assert.deepEqual(found, [], `kill ${i + 1}, after ${fault}`);
      }
      console.log(`--threads ${threads}, ${kills} kills: ${JSON.stringify(troupe.counts)}`);
    });
  }
});

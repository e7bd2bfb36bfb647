// The upgrade from polling to WebSocket while people play on.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { io } from 'socket.io-client';

import { Client, connect, ways } from './support/client.mjs';
import { Server } from './support/server.mjs';

const [overPolling, overWebSocket, withUpgrade] = ways;

describe('During the upgrade', () => {
  const pairs = [
    ['a player who upgrades to a listener on polling', withUpgrade, overPolling],
    ['a player on WebSocket to a listener who upgrades', overWebSocket, withUpgrade],
    ['a player who upgrades to a listener who does', withUpgrade, withUpgrade],
  ];
  for (const [who, playersWay, listenersWay] of pairs) {
    it(`Everything arrives once and in order from ${who}`, async () => {
      const server = await Server.start('--no-limits');
      const host = await connect(server.url, overWebSocket);
      const clients = [host];
      try {
        const { roomCode } = await host.request('session:create', { name: 'Alice' });
        // A few times, because no two upgrades are alike.
        for (let take = 0; take < 10; ++take) {
          const [player, listener] = [playersWay, listenersWay].map(
            (way) => new Client(io(server.url, { ...way.options, forceNew: true })),
          );
          clients.push(player, listener);
          for (const client of [player, listener]) {
            await client.until('connect');
            await client.request('session:join', { roomCode, name: 'Bob' });
          }
          await playThroughUpgrade(player, listener, playersWay, listenersWay);
          player.close();
          listener.close();
        }
      } finally {
        clients.forEach((client) => client.close());
        await server.stop();
      }
    });
  }
});

/** Plays until both have upgraded, and a little longer. */
async function playThroughUpgrade(player, listener, playersWay, listenersWay) {
  let isSettled = false;
  const settled = Promise.all([
    player.on(playersWay.options.transports.at(-1)),
    listener.on(listenersWay.options.transports.at(-1)),
  ]).then(() => (isSettled = true));

  let beats = 0;
  for (let more = 20; more > 0; more -= isSettled ? 1 : 0) {
    const data = beats % 2 === 0 ? beats : Buffer.from(String(beats));
    player.emit('session:event', { type: 'beat', data });
    ++beats;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await settled;
  await player.caughtUp();
  await listener.caughtUp();

  const heard = listener.transcript.filter(([event]) => event === 'session:event');
  assert.deepEqual(
    heard.map(([, { data }]) => Number(String(data))),
    Array.from({ length: beats }, (_, i) => i),
  );
}

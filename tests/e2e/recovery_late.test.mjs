// Packets that were stuck in a network which the client has left.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { back, cutOff, duo, heardOf, seats, soon } from './support/seats.mjs';

const [, overWebSocket] = ways;

describe('A CONNECT that was delayed on its way', () => {
  const play = seats('--reconnect-grace', '60');

  // A phone opens a connection over one network, on which its CONNECT is stuck; gives it up; and comes back over
  // another. When the first CONNECT arrives, the connection that holds the seat is the later one.
  play('takes no seat from a later connection of the same client', async ({ line, open, server }) => {
    const bobs = await line();
    const alice = open(overWebSocket);
    const bob = open(overWebSocket, soon, { url: bobs.url });
    await duo(alice, bob);
    const { id } = bob;
    let isOpen = false;
    bob.socket.io.once('open', () => {
      bobs.holdOpen('up');
      isOpen = true;
    });
    await cutOff(bobs, bob);
    await eventually(() => isOpen && bobs.held.up > 0, () => 'a CONNECT on its way');
    // Another event loop may be faster with the return than this one with the loss.
    await server.logged('participant away', id);
    bobs.cutClients();
    await back(bob);
    assert.equal(bob.id, id);
    bobs.deliver();
    await eventually(() => bobs.open === 1, () => 'the end of the earlier connection');
    await alice.caughtUp();
    assert.deepEqual(heardOf(alice, id), ['joined', 'away', 'back']);
    await bob.caughtUp();
    assert.ok(!bob.heard().includes('session:ended'), server.log);
    assert.equal(bob.socket.connected, true);
  });
});

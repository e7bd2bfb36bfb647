// The log shows an operator what happened: each create, join, failed join, leave and disconnect is
// one line.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { connect, ways } from './support/client.mjs';
import { Server } from './support/server.mjs';

const formats = { 'for people': [], 'in JSON': ['--log-format', 'json'] };

describe('The log', () => {
  for (const way of ways) {
    for (const [format, options] of Object.entries(formats)) {
      it(`Has a line for each step ${format}, over ${way.name}`, () => checkStory(way, options));
    }
  }

  it('Is not fooled by what people call themselves and their rooms', async () => {
    const server = await Server.start();
    try {
      const mallory = await connect(server.url, ways[1]);
      const { id } = mallory;
      const forgery = '\nsession created room=FORGED-1\r\x1b[2J\u0000\u2028';
      await mallory.request('session:join', { roomCode: `A${forgery}`, name: 'Mallory' });
      await mallory.request('session:create', { name: `M${forgery}` });
      await mallory.request('session:create', { name: 'M" room="FORGED-1' });
      mallory.close();
      await server.logged('client disconnected', id);
      await server.stop();

      // Each line with the forged text names its sender, and is printable.
      for (const line of server.lines('FORGED-1')) assert.ok(line.includes(id), line);
      assert.doesNotMatch(server.log, /[\x00-\x08\x0b-\x1f\x7f]/);
    } finally {
      await server.stop();
    }
  });
});

async function checkStory(way, options) {
  const server = await Server.start(...options);
  const clients = [];
  const enter = async () => {
    clients.push(await connect(server.url, way));
    return clients.at(-1);
  };
  try {
    const alice = await enter();
    const { roomCode, userId: alicesId } = await alice.request('session:create', { name: 'Alice' });
    const bob = await enter();
    const { userId: bobsId } = await bob.request('session:join', { roomCode, name: 'Bob' });
    const charlie = await enter();
    const charliesId = charlie.id;
    await charlie.request('session:join', { roomCode: 'INVALID-99', name: 'Charlie' });
    await bob.request('session:leave', { roomCode });

    for (const client of [charlie, bob, alice]) {
      const { id } = client;
      client.close();
      await server.logged('client disconnected', id);
    }
    await server.stop();

    const lines = (...parts) => server.lines(...parts).length;
    assert.equal(lines('session created', roomCode, alicesId), 1);
    assert.equal(lines('session created'), 1);
    assert.equal(lines('session joined', roomCode, bobsId), 1);
    assert.equal(lines('join failed', 'INVALID-99', charliesId), 1);
    assert.equal(lines('join failed'), 1);
    assert.equal(lines('session left', roomCode, bobsId), 1);
    for (const id of [alicesId, bobsId, charliesId]) {
      assert.equal(lines('client disconnected', id), 1);
    }
    if (options.includes('json')) {
      const records = server.log.split('\n').filter((line) => line);
      for (const record of records) assert.equal(typeof JSON.parse(record), 'object');
    }
  } finally {
    clients.forEach((client) => client.close());
    await server.stop();
  }
}

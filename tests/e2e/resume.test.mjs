// Pages that are loaded anew, and clients that get what they have missed, with the stock client.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { Client, ways } from './support/client.mjs';
import { eventually } from './support/patience.mjs';
import { Server } from './support/server.mjs';
import { io } from 'socket.io-client';

/** What a browser keeps of a tab over a reload. */
const sessionStorage = () => {
  const kept = {};
  return { kept, auth: (answer) => answer({ resume: true, ...kept }) };
};

describe('Seats and what was played', () => {
  let server;
  const clients = [];
  const open = (way, options = {}) => {
    const client = new Client(io(server.url, { ...way.options, forceNew: true, ...options }));
    clients.push(client);
    return client;
  };
  before(async () => (server = await Server.start('--reconnect-grace', '60')));
  after(async () => {
    clients.forEach((client) => client.close());
    await server.stop();
  });

  for (const way of ways) {
    it(`A page that is loaded anew has its seat again, over ${way.name}`, async () => {
      const alice = open(way);
      await alice.until('connect');
      alice.emit('session:create', { name: 'Alice' });
      const { roomCode } = await alice.until('session:created');

      const tab = sessionStorage();
      let page = open(way, { auth: tab.auth, reconnection: false });
      await page.until('connect');
      const { id } = page;
      page.emit('session:join', { roomCode, name: 'Bob' });
      tab.kept.resumeToken = (await page.until('session:joined')).resumeToken;
      assert.match(tab.kept.resumeToken, /^[\w-]{32}$/);
      for (let i = 0; i < 3; ++i) {
        // The browser ends the page: no DISCONNECT packet, and nothing of the library's memory stays.
        page.socket.io.engine.close();
        page = open(way, { auth: tab.auth, reconnection: false });
        await page.until('connect');
        assert.equal(page.id, id);
        assert.equal(page.socket.recovered, false);
        const joined = await page.until('session:joined');
        assert.equal(joined.resumed, true);
        assert.equal(joined.resumeToken, tab.kept.resumeToken);
        assert.deepEqual(joined.participants.map(({ name }) => name), ['Alice', 'Bob']);
      }
      page.emit('session:event', { type: 'note' });
      assert.deepEqual(await alice.until('session:event'), { userId: id, type: 'note' });
      assert.equal((await page.request('session:leave', { roomCode })).ok, true);
      const late = open(way, { auth: tab.auth });
      assert.equal((await late.until('session:ended')).reason, 'unknown');
      assert.notEqual(late.id, id);
    });

    it(`What was played meanwhile comes once and in order, over ${way.name}`, async () => {
      const alice = open(ways[1]);
      await alice.until('connect');
      alice.emit('session:create', { name: 'Alice' });
      const { roomCode } = await alice.until('session:created');
      const bob = open(way, { auth: { recovery: true }, reconnectionDelay: 200 });
      const heard = [];
      // The library holds back what it decodes in the moment of the loss, and connects without its offset: then
      // it comes twice, with one offset.
      bob.socket.on('session:event', ({ data }, offset) => {
        if (heard.every((one) => one.offset !== offset)) heard.push({ data, offset });
      });
      await bob.until('connect');
      bob.emit('session:join', { roomCode, name: 'Bob' });
      await bob.until('session:joined');
      let next = 0;
      for (let round = 0; round < 3; ++round) {
        const first = next;
        for (; next < first + 20; ++next) {
          // With and without attachments.
          const data = next % 5 === 0 ? Buffer.from([next]) : next;
          alice.emit('session:event', { type: 'note', data });
          if (next === first + 7) bob.socket.io.engine.close();
        }
        // A client that was upgrading has closed its connection only then, and may have heard all before.
        await bob.until('connect');
        await eventually(
          () => heard.length === next,
          () => `${next} notes, not ${heard.map(({ data, offset }) => `${data}@${offset}`)}\n${bob.story()}`,
        );
        assert.equal(bob.socket.recovered, true);
        assert.equal((await bob.until('session:joined')).complete, true);
      }
      assert.deepEqual(heard.map(({ data }) => (typeof data === 'number' ? data : data[0])), [...Array(next).keys()]);
    });
  }

  it('A request that comes again with its id makes no second room', async () => {
    const alice = open(ways[0]);
    await alice.until('connect');
    const create = () => alice.request('session:create', { name: 'Alice', requestId: 'create-1' });
    const first = await create();
    assert.deepEqual(await create(), first);
    const bob = open(ways[0]);
    await bob.until('connect');
    assert.equal((await bob.request('session:join', { roomCode: first.roomCode, name: 'Bob' })).ok, true);
  });
});

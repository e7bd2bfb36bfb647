// The story's manual verification plan as it is written: typed into the browser's console, in tabs
// of a page on another origin than the server's.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { ways } from './support/client.mjs';
import { launchChromium, PageServer, Tab } from './support/page.mjs';
import { Server } from './support/server.mjs';

describe('Manual verification, in Chromium', () => {
  let server;
  let site;
  let browser;
  before(async () => {
    server = await Server.start();
    site = await PageServer.start();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    site?.stop();
    await server?.stop();
  });

  const manualTests = {
    'Test 1: Create Session': async (desk) => {
      const { tab, created } = await createSession(desk);
      assert.match(created.roomCode, /^[A-Z]+-[0-9]+$/);
      assert.equal(created.userId, await tab.value('socket.id'));
      await desk.expectWay(tab, 'socket');
    },

    'Test 2: Join Session': async (desk) => {
      const { tab, created, tab2, joined } = await joinSession(desk);
      const users = [
        { id: created.userId, name: 'Alice', instrument: 'unknown' },
        { id: joined.userId, name: 'Bob', instrument: 'unknown' },
      ];
      assert.equal(joined.roomCode, created.roomCode);
      assert.equal(joined.userId, await tab2.value('socket2.id'));
      assert.deepEqual(joined.participants, users);
      assert.deepEqual(await tab.shows('User joined:'), { user: users[1] });
      await desk.expectWay(tab2, 'socket2');
    },

    'Test 3: Join Invalid Session': async (desk) => {
      const tab3 = await desk.openTab();
      await tab3.type(`const socket3 = io(${desk.where});`);
      await tab3.type("socket3.on('error', (data) => console.log('Error:', data));");
      await tab3.type("socket3.emit('session:join', { roomCode: 'INVALID-99', name: 'Charlie' });");
      assert.equal((await tab3.shows('Error:')).message, 'Session not found');
      await desk.expectWay(tab3, 'socket3');
    },

    'Test 4: Leave Session': async (desk) => {
      const { tab, created, tab2, joined } = await joinSession(desk);
      await tab.type("socket.on('session:user-left', (data) => console.log('User left:', data));");
      await desk.expectWay(tab2, 'socket2');
      await tab2.type(`socket2.emit('session:leave', { roomCode: '${created.roomCode}' });`);
      assert.deepEqual(await tab.shows('User left:'), { userId: joined.userId });
    },

    'Test 5: Disconnection Handling, by disconnect()': async (desk) => {
      const { tab, tab2, joined } = await joinSession(desk);
      await tab.type("socket.on('session:user-left', (data) => console.log('User left:', data));");
      await desk.expectWay(tab2, 'socket2');
      await tab2.type('socket2.disconnect();');
      assert.deepEqual(await tab.shows('User left:'), { userId: joined.userId });
      await desk.server.logged('client disconnected', joined.userId);
    },

    'Test 5: Disconnection Handling, by closing the tab': async (desk) => {
      const { tab, tab2, joined } = await joinSession(desk);
      await tab.type("socket.on('session:user-left', (data) => console.log('User left:', data));");
      await desk.expectWay(tab2, 'socket2');
      await tab2.close();
      // If it closes just between two polls, only the heartbeat notices it, after 45 s.
      const left = await tab.shows('User left:', 90_000);
      assert.deepEqual(left, { userId: joined.userId, away: true, graceMs: 120_000 });
      await desk.server.logged('client disconnected', joined.userId);
    },

    'Binary events from tab to tab': async (desk) => {
      const { tab, tab2, joined } = await joinSession(desk);
      await tab.type(`socket.on('session:event', ({ userId, type, data }) =>
        console.log('Event:', [userId, type, data.take, [...new Uint8Array(data.sample)]]));`);
      await tab2.type(`socket2.emit('session:event',
        { type: 'drums', data: { take: 1, sample: new Uint8Array([0, 30, 255, 128]).buffer } });`);
      const expected = [joined.userId, 'drums', 1, [0, 30, 255, 128]];
      assert.deepEqual(await tab.shows('Event:'), expected);
    },
  };

  for (const way of ways) {
    describe(`over ${way.name}`, () => {
      for (const [title, play] of Object.entries(manualTests)) {
        it(title, async () => {
          const context = await browser.newContext({ ignoreHTTPSErrors: true });
          const begin = server.log.length;
          try {
            await play({
              server,
              // The options of io(…); without any, the client polls and then upgrades.
              where: `"${server.scheme}://localhost:${server.port}", ${JSON.stringify(way.options)}`,
              openTab: () => Tab.open(context, site.url),
              expectWay: (tab, socket) =>
                tab.until(
                  `${socket}.io.engine.transport.name === '${way.options.transports.at(-1)}'`,
                ),
            });
          } catch (error) {
            console.error(`--- ${title}\nthe server's log:\n${server.log.slice(begin)}---`);
            throw error;
          } finally {
            await context.close();
          }
        });
      }
    });
  }

  it('A page of a foreign site gets nowhere', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    try {
      const tab = await Tab.open(context, `http://evil.example:${site.port}`);
      for (const transport of ['polling', 'websocket']) {
        await tab.type(`{
          const socket = io("${server.scheme}://localhost:${server.port}", {
            transports: ['${transport}'], forceNew: true, reconnection: false });
          socket.on('connect', () => console.log('${transport}:', 'connected'));
          socket.on('connect_error', () => console.log('${transport}:', 'refused'));
        }`);
        assert.equal(await tab.shows(`${transport}:`), 'refused');
      }
    } finally {
      await context.close();
    }
  });
});

/** The steps of Test 1. */
async function createSession(desk) {
  const tab = await desk.openTab();
  await tab.type(`const socket = io(${desk.where});`);
  await tab.type("socket.on('session:created', (data) => console.log('Created:', data));");
  await tab.type("socket.emit('session:create', { name: 'Alice' });");
  return { tab, created: await tab.shows('Created:') };
}

/** The steps of Test 2, after those of Test 1. */
async function joinSession(desk) {
  const { tab, created } = await createSession(desk);
  const tab2 = await desk.openTab();
  await tab2.type(`const socket2 = io(${desk.where});`);
  await tab2.type("socket2.on('session:joined', (data) => console.log('Joined:', data));");
  await tab.type("socket.on('session:user-joined', (data) => console.log('User joined:', data));");
  await tab2.type(
    `socket2.emit('session:join', { roomCode: '${created.roomCode}', name: 'Bob' });`,
  );
  const joined = await tab2.shows('Joined:');
  await tab.shows('User joined:');
  return { tab, created, tab2, joined };
}

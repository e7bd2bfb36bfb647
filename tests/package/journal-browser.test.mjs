// Sessions in IndexedDB, in Chromium: real reloads, several tabs, and databases as they must not be.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launchChromium, makeSite, serveSite, untilReady, visit } from './support/browser.mjs';

let browser;
let site;
before(async () => {
  browser = await launchChromium();
  site = await serveSite(await makeSite(), 'build');
});
after(async () => {
  await browser?.close();
  site?.stop();
});

/** A test with a browser's storage of its own; `open()` opens a tab there. */
function inStorage(title, scene) {
  it(title, async () => {
    const context = await browser.newContext();
    const tabs = [];
    const open = async () => {
      const tab = await visit(browser, site.url, context);
      tabs.push(tab);
      return tab;
    };
    try {
      await scene({ context, open });
      assert.deepEqual(tabs.flatMap(({ troubles }) => troubles), []);
    } finally {
      await context.close();
    }
  });
}

/** Makes a server with the journal `jam`, and says what its sessions are; or why there is none. */
function start({ page }, options = {}) {
  return page.evaluate(async ({ journal, ...options }) => {
    try {
      window.server = await window.createServer({
        ...options,
        // A browser may end the page before some time after a reload.
        journal: window.indexedDBJournal('jam', { waitMs: 60_000, ...journal }),
      });
    } catch (error) {
      return { code: error.code ?? error.name, message: error.message };
    }
    const nameOf = ({ name }) => name;
    return window.server
      .snapshot()
      .sessions.map(({ participants, away = [] }) => [...participants, ...away].map(nameOf));
  }, options);
}

/** Alice makes a session; her seat, for a later page. */
function create({ page }, name = 'Alice') {
  return page.evaluate(async (name) => {
    const auth = { resume: true };
    const transports = [window.server.transport];
    window.alice = window.io('http://localhost', { transports, forceNew: true, auth });
    const { roomCode, resumeToken } = await window.alice.emitWithAck('session:create', { name });
    return { roomCode, resumeToken, id: window.alice.id };
  }, name);
}

/** Comes back to a seat. */
function resume({ page }, { resumeToken }) {
  return page.evaluate(async (resumeToken) => {
    const auth = { resume: true, resumeToken };
    const transports = [window.server.transport];
    const alice = window.io('http://localhost', { transports, forceNew: true, auth });
    const { roomCode, resumed } = await new Promise((resolve) => alice.once('session:joined', resolve));
    window.alice = alice;
    return { roomCode, resumed, id: alice.id };
  }, resumeToken);
}

async function reload(tab) {
  await tab.page.reload();
  await untilReady(tab);
}

/** Opens the database `jam` in this version, and does something to it. */
function meddle({ page }, version, change) {
  return page.evaluate(
    async ([version, change]) => {
      const request = indexedDB.open('jam', version);
      await new Promise((resolve, reject) => {
        request.onsuccess = resolve;
        request.onerror = () => reject(request.error);
        request.onupgradeneeded = () => {
          for (const store of change.make ?? []) request.result.createObjectStore(store, { keyPath: 'id' });
        };
      });
      const database = request.result;
      for (const [store, rows] of Object.entries(change.put ?? {})) {
        const writing = database.transaction(store, 'readwrite');
        for (const row of rows) writing.objectStore(store).put(row);
        await new Promise((resolve) => (writing.oncomplete = resolve));
      }
      database.close();
    },
    [version, change],
  );
}

/** Everything that is in the database. */
function contents({ page }) {
  return page.evaluate(async () => {
    const of = (request) =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const database = await of(indexedDB.open('jam'));
    const all = { version: database.version };
    for (const store of database.objectStoreNames) {
      const reading = database.transaction(store);
      const ended = new Promise((resolve) => (reading.oncomplete = resolve));
      all[store] = await of(reading.objectStore(store).getAll());
      // Until then the database stays open.
      await ended;
    }
    database.close();
    return all;
  });
}

describe('A journal in IndexedDB', () => {
  for (const durability of ['process', 'power']) {
    inStorage(`keeps sessions over reloads, with durability "${durability}"`, async ({ open }) => {
      const tab = await open();
      const options = { journal: { durability } };
      assert.deepEqual(await start(tab, options), []);
      const { resumeToken, ...seat } = await create(tab);
      for (let round = 0; round < 3; ++round) {
        await reload(tab);
        assert.deepEqual(await start(tab, options), [['Alice']]);
        assert.deepEqual(await resume(tab, { resumeToken }), { ...seat, resumed: true });
        const { difference } = await tab.page.evaluate(() => window.replay(window.server.trace));
        assert.equal(difference, null);
      }
    });
  }

  inStorage('keeps sessions when the tab is closed, and when the server is', async ({ open }) => {
    const first = await open();
    await start(first);
    await create(first);
    await first.page.close();
    const second = await open();
    assert.deepEqual(await start(second), [['Alice']]);
    await create(second, 'Bob');
    await second.page.evaluate(() => window.server.close());
    assert.deepEqual(await start(second), [['Alice'], ['Bob']]);
  });

  inStorage('works on virtual time, which waits for it', async ({ open }) => {
    const tab = await open();
    await start(tab, { time: 'virtual' });
    const answers = await tab.page.evaluate(async () => {
      const transports = [window.server.transport];
      const alice = window.io('http://localhost', { transports, forceNew: true });
      await new Promise((resolve) => alice.on('connect', resolve));
      const answers = [];
      for (let i = 0; i < 5; ++i) {
        alice.emit('session:create', { name: `Alice ${i}` }, ({ ok }) => answers.push(ok));
        await window.server.advance(0);
      }
      return [answers, window.server.now];
    });
    assert.deepEqual(answers, [[true, true, true, true, true], 0]);
  });

  inStorage('stays small, however much happens', async ({ open }) => {
    const tab = await open();
    await start(tab);
    await create(tab);
    await tab.page.evaluate(async () => {
      for (let i = 0; i < 600; ++i) {
        const { ok } = await window.alice.emitWithAck('session:update', { name: `Alice ${i}` });
        if (!ok) throw new Error(`the update ${i} failed`);
        if (i % 10 === 0) {
          // Sessions that come and go leave nothing.
          const transports = [window.server.transport];
          const bob = window.io('http://localhost', { transports, forceNew: true });
          await bob.emitWithAck('session:create', { name: 'Bob' });
          bob.disconnect();
        }
      }
    });
    const { room, log } = await contents(tab);
    assert.ok(log.length <= 260, `there are ${log.length} rows`);
    assert.ok(room.length <= 2, `there are ${room.length} rooms`);
    await reload(tab);
    assert.deepEqual(await start(tab), [['Alice 599']]);
    await tab.page.evaluate(() => window.server.close());
    const after = await contents(tab);
    assert.equal(after.room.length, 1);
  });

  inStorage('is for one tab at a time; the next one has it afterwards', async ({ open }) => {
    const [first, second] = [await open(), await open()];
    await start(first);
    await create(first);
    const refusal = await start(second, { journal: { waitMs: 0 } });
    assert.equal(refusal.code, 'journal_in_use');
    assert.match(refusal.message, /the journal "jam" is in use by another server, perhaps in another tab/);
    const waiting = start(second, { journal: { waitMs: 30_000 } });
    await first.page.evaluate(() => window.server.close());
    assert.deepEqual(await waiting, [['Alice']]);
  });

  inStorage('of a newer version is refused, and stays as it is', async ({ open }) => {
    const tab = await open();
    await start(tab);
    await create(tab);
    await tab.page.evaluate(() => window.server.close());
    await meddle(tab, 2, {});
    const before = await contents(tab);
    const refusal = await start(tab);
    assert.equal(refusal.code, 'journal_newer');
    assert.match(refusal.message, /is of a newer version than 1/);
    assert.deepEqual(await contents(tab), before);
    assert.equal(before.version, 2);
  });

  for (const [what, put] of [
    ['an append', { log: [{ id: 1000, room: 1, events: '[{"v":1,"type":"sung"}]' }] }],
    ['a state', { room: [{ id: 1000, state: '{"v":1}' }] }],
    ['a row that is none', { log: [{ id: 'first', room: 1, events: '[]' }] }],
    ['a second session of the same code', { room: [{ id: 1000, copies: 1 }] }],
  ]) {
    inStorage(`with ${what} that cannot be is refused, and stays as it is`, async ({ open }) => {
      const tab = await open();
      await start(tab);
      await create(tab);
      await tab.page.evaluate(() => window.server.close());
      // Once more, so that the session is a state and not only appends.
      await start(tab);
      await tab.page.evaluate(() => window.server.close());
      for (const rows of Object.values(put)) {
        for (const row of rows) if (row.copies) row.state = (await contents(tab)).room[0].state;
      }
      await meddle(tab, 1, { put });
      const before = await contents(tab);
      const refusal = await start(tab);
      assert.equal(refusal.code, 'journal_damaged');
      assert.match(refusal.message, /the journal "jam" is damaged: (room|append) .* cannot be read/);
      assert.deepEqual(await contents(tab), before);
      // The lock and the database are free again.
      await tab.page.evaluate(
        () =>
          new Promise((resolve, reject) => {
            const request = indexedDB.deleteDatabase('jam');
            request.onsuccess = resolve;
            request.onerror = request.onblocked = () => reject(new Error('it is in use'));
          }),
      );
      assert.deepEqual(await start(tab), []);
    });
  }

  inStorage('of another program is refused, and stays as it is', async ({ open }) => {
    const tab = await open();
    await meddle(tab, 1, { make: ['songs'], put: { songs: [{ id: 1 }] } });
    const refusal = await start(tab);
    assert.equal(refusal.code, 'journal_damaged');
    assert.match(refusal.message, /a database of another program/);
    assert.deepEqual((await contents(tab)).songs, [{ id: 1 }]);
  });

  inStorage('is refused in one line where there is no storage', async ({ open }) => {
    const tab = await open();
    await tab.page.evaluate(() => {
      IDBFactory.prototype.open = () => {
        throw new DOMException('The user denied permission to access the database.', 'UnknownError');
      };
    });
    const refusal = await start(tab);
    assert.equal(refusal.code, 'journal_unavailable');
    assert.match(refusal.message, /cannot be opened: The user denied permission/);
    const locks = await open();
    await locks.page.evaluate(() => {
      LockManager.prototype.request = () => Promise.reject(new DOMException('denied', 'SecurityError'));
    });
    assert.equal((await start(locks)).code, 'journal_unavailable');
  });

  inStorage('that has no space left costs the request, and no more', async ({ open }) => {
    const tab = await open();
    await start(tab);
    await create(tab);
    const update = (name) =>
      tab.page.evaluate((name) => window.alice.emitWithAck('session:update', { name }), name);
    await tab.page.evaluate(() => {
      const { add } = IDBObjectStore.prototype;
      window.freeTheDisk = () => void (IDBObjectStore.prototype.add = add);
      IDBObjectStore.prototype.add = function (...given) {
        // As the browser does, which finds out only when it commits.
        const { transaction } = this;
        // Once for all rows of a batch.
        queueMicrotask(() => {
          try {
            transaction.abort();
          } catch {}
        });
        return add.apply(this, given);
      };
    });
    const { error } = await update('Alicia');
    assert.equal(error.code, 'try_again');
    assert.match(await tab.page.evaluate(() => String(window.server.journalError)), /abort/);
    await tab.page.evaluate(() => window.freeTheDisk());
    assert.equal((await update('Alicia')).ok, true);
    await reload(tab);
    assert.deepEqual(await start(tab), [['Alicia']]);
  });
});

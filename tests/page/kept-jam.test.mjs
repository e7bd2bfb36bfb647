// The jam in the tab outlasts a reload, can be thrown away, and says where it is not kept.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText, patience } from './support/patience.mjs';
import { startServer } from './support/server.mjs';

describe('The jam in the tab', () => {
  let browser;
  let server;
  let tab;
  before(async () => {
    browser = await launchChromium();
    server = await startServer();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    const troubles = tab?.troubles;
    await tab?.context.close();
    tab = undefined;
    assert.deepEqual(troubles, []);
  });

  const open = async (prepare) => (tab = await visit(browser, `${server.url}tab/`, { prepare }));
  const devices = (page = tab.page) => page.locator('article.device');
  const musician = (i, page) => new Musician(devices(page).nth(i));
  const press = (name, page = tab.page) => page.getByRole('button', { name, exact: true }).click();

  /** Alice at the piano, Bob at the drums, and a robot that joins them. */
  async function startBand() {
    await expectText(devices().first(), 'Connected.');
    const alice = musician(0);
    const code = await alice.create('Alice', 'piano');
    await press('Add a device');
    const bob = musician(1);
    await expectText(bob.card, 'Connected.');
    await bob.join(code, 'Bob', 'drums');
    await press('Add a robot');
    await alice.sees({ Alice: ['piano', 'host'], Bob: ['drums'], 'Robo Bop': ['drums'] });
    // The robot hears of itself later than the others, and only then has a seat to keep.
    await expectText(devices().nth(2), code);
    return { alice, bob, code };
  }

  it('comes back after a reload, with its devices, seats and links', async () => {
    await open();
    const { alice, bob, code } = await startBand();
    await bob.card.getByLabel('Latency').fill('300');
    for (let round = 0; round < 2; ++round) {
      await tab.page.reload();
      await expectCount(devices(), 3);
      await alice.seesMessage('Connected.');
      assert.equal(await alice.code(), code);
      await alice.sees({ Alice: ['you', 'piano', 'host'], Bob: ['drums'], 'Robo Bop': ['drums'] });
      await bob.sees({ Alice: ['piano', 'host'], Bob: ['you', 'drums'], 'Robo Bop': ['drums'] });
      assert.equal(await bob.card.getByLabel('Latency').inputValue(), '300');
      await expectText(devices().nth(2), 'robot');
      // The robot plays on, and so do the others.
      await alice.of('Robo Bop').locator('.last-note').waitFor();
      await bob.play('Snare');
      await alice.hears('Bob', 'Snare');
    }
    await press('Verify');
    await expectText(tab.page.locator('.verdict'), 'messages identical');
    await press('Add a device');
    await expectCount(devices(), 4);
    assert.equal(await devices().nth(3).getByLabel('Your name').inputValue(), 'Cleo');
  });

  it('keeps one away whose plug is out, and who has left out', async () => {
    await open();
    const { alice, bob, code } = await startBand();
    await bob.card.getByRole('button', { name: 'Unplug' }).click();
    await alice.sees({ Alice: ['host'], Bob: ['away'], 'Robo Bop': [] });
    const robot = musician(2);
    await robot.leave();
    await robot.seesMessage('Left.');
    await alice.sees({ Alice: ['host'], Bob: ['away'] });
    await tab.page.reload();
    await alice.sees({ Alice: ['you', 'host'], Bob: ['away'] });
    await bob.seesMessage(`Coming back to your seat in ${code}.`);
    await robot.seesMessage('Create a session, or join one by its code.');
    await bob.card.getByRole('button', { name: 'Plug in' }).click();
    await alice.sees({ Alice: ['host'], Bob: ['drums'] });
    await bob.sees({ Alice: ['host'], Bob: ['you', 'drums'] });
  });

  it('can be thrown away', async () => {
    await open();
    const { code } = await startBand();
    await press('New jam');
    await expectCount(devices(), 1);
    await musician(0).seesMessage('Create a session, or join one by its code.');
    await tab.page.reload();
    await musician(0).seesMessage('Create a session, or join one by its code.');
    await expectCount(devices(), 1);
    await musician(0).tryToJoin(code, 'Alice', 'piano');
    await musician(0).seesMessage('That did not work.');
    await musician(0).create('Alice', 'piano');
    await tab.page.reload();
    await musician(0).sees({ Alice: ['you', 'host'] });
  });

  it('is another one in a second tab, which says so', async () => {
    await open();
    const { alice, bob, code } = await startBand();
    const second = await tab.context.newPage();
    second.setDefaultTimeout(patience);
    await second.goto(`${server.url}tab/`);
    await second.getByText('Your jam is open in another tab. The one here ends with this tab.').waitFor();
    await expectCount(devices(second), 1);
    const stranger = musician(0, second);
    await stranger.create('Stranger', 'synth');
    await press('New jam', second);
    await second.getByText('Your jam is open in another tab.').waitFor();
    await second.close();
    await bob.play('Snare');
    await alice.hears('Bob', 'Snare');
    await tab.page.reload();
    await alice.sees({ Alice: ['you', 'host'], Bob: ['drums'], 'Robo Bop': [] });
    assert.equal(await alice.code(), code);
  });

  it('goes on in memory where storage is refused, and says so once', async () => {
    await open((page) =>
      page.addInitScript(() => {
        IDBFactory.prototype.open = () => {
          throw new DOMException('The user denied permission.', 'UnknownError');
        };
        Object.defineProperty(window, 'localStorage', {
          get() {
            throw new DOMException('blocked', 'SecurityError');
          },
        });
      }),
    );
    const trouble = tab.page.getByText('This browser keeps no data for this page, so the jam ends with this tab.');
    await trouble.waitFor();
    const { alice, bob } = await startBand();
    await bob.card.getByRole('button', { name: 'Unplug' }).click();
    await alice.sees({ Alice: [], Bob: ['away'], 'Robo Bop': [] });
    await bob.card.getByRole('button', { name: 'Plug in' }).click();
    await bob.seesMessage('You are back in your seat.');
    await expectCount(trouble, 1);
    await tab.page.reload();
    await expectCount(devices(), 1);
  });

  it('goes on in memory when there is no more space, and says so once', async () => {
    await open();
    const { alice, bob } = await startBand();
    await tab.page.evaluate(() => {
      const { add } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.add = function (...given) {
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
    await bob.card.getByRole('radio', { name: 'bass' }).check();
    await alice.sees({ Alice: [], Bob: ['bass'], 'Robo Bop': [] });
    await tab.page.getByText('This browser has no more space for the jam.').waitFor();
    await bob.leave();
    await alice.sees({ Alice: [], 'Robo Bop': [] });
  });

  it('that cannot be read stays until it is thrown away', async () => {
    await open();
    await startBand();
    await tab.page.goto('about:blank');
    await tab.page.goto(`${server.url}#live`);
    const rows = () =>
      tab.page.evaluate(async () => {
        const of = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
        const database = await of(indexedDB.open('downbeat-tab-jam'));
        const all = await of(database.transaction('log').objectStore('log').getAll());
        database.close();
        return all;
      });
    await tab.page.evaluate(async () => {
      const of = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
      const database = await of(indexedDB.open('downbeat-tab-jam'));
      await of(
        database.transaction('log', 'readwrite').objectStore('log').put({ id: 9999, room: 1, events: '[{}]' }),
      );
      database.close();
    });
    const before = await rows();
    await musician(0).choose('This tab');
    await tab.page.getByText('The jam that was kept cannot be read.').waitFor();
    await expectCount(devices(), 1);
    assert.deepEqual(await rows(), before);
    await press('New jam');
    await eventually(
      async () => (await tab.page.getByText('cannot be read').count()) === 0,
      () => 'the message to go',
    );
    const code = await musician(0).create('Alice', 'piano');
    await tab.page.reload();
    await musician(0).sees({ Alice: ['you', 'host'] });
    assert.equal(await musician(0).code(), code);
  });

  it('with which the server does not start can be thrown away, and nothing else is', async () => {
    await open();
    await startBand();
    // The server has no link of such a name.
    await tab.page.goto('about:blank');
    await tab.page.goto(`${server.url}#live`);
    await tab.page.evaluate(() => {
      const kept = JSON.parse(localStorage.getItem('downbeat-tab-jam'));
      kept.devices[0].address = '\ud800';
      localStorage.setItem('downbeat-tab-jam', JSON.stringify(kept));
    });
    await musician(0).choose('This tab');
    await tab.page.getByText('The server in this tab did not start').waitFor();
    await press('Try again');
    await tab.page.getByText('The server in this tab did not start').waitFor();
    await press('New jam');
    const code = await musician(0).create('Alice', 'piano');
    await expectCount(devices(), 1);
    await tab.page.reload();
    await musician(0).sees({ Alice: ['you', 'host'] });
    assert.equal(await musician(0).code(), code);
  });

  it('starts once the engine can be loaded, with what was kept', async () => {
    await open();
    const { code } = await startBand();
    await tab.page.route('**/*.wasm', (route) => route.fulfill({ status: 503 }));
    await tab.page.reload();
    await tab.page.getByText('The server in this tab did not start').waitFor();
    await tab.page.unroute('**/*.wasm');
    await press('Try again');
    await expectCount(devices(), 3);
    await expectText(devices().first(), code);
    tab.troubles.splice(0); // the browser tells of the answer 503
  });

  it('is not thrown away by a tab that starts while another one throws it away', async () => {
    const later = (page) =>
      page.addInitScript(() => {
        const { deleteDatabase } = IDBFactory.prototype;
        IDBFactory.prototype.deleteDatabase = function (name) {
          const asked = {};
          window.deleteNow = () => {
            const request = deleteDatabase.call(this, name);
            request.onsuccess = () => asked.onsuccess();
          };
          return asked;
        };
      });
    await open(later);
    await startBand();
    await press('New jam');
    await tab.page.waitForFunction(() => window.deleteNow);
    const second = await tab.context.newPage();
    second.setDefaultTimeout(patience);
    await second.goto(`${server.url}tab/`);
    // It does not wait for ever, and has a jam of its own meanwhile.
    await second.getByText('Your jam is open in another tab. The one here ends with this tab.').waitFor();
    await tab.page.evaluate(() => window.deleteNow());
    const alice = musician(0);
    await expectCount(devices(), 1);
    const code = await alice.create('Alice', 'piano');
    await second.close();
    await tab.page.reload();
    await alice.sees({ Alice: ['you', 'host'] });
    assert.equal(await alice.code(), code);
  });
});

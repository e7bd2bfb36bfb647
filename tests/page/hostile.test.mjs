// Hostile input from other clients in the session, and features that a browser may refuse.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';
import { Stranger } from './support/stranger.mjs';

describe('In spite of', () => {
  let server;
  let browser;
  let tab;
  let code;
  let strangers = [];
  before(async () => {
    server = await startServer({
      options: [
        ...['--max-event-bytes', '2000000', '--max-events-per-second', '0'],
        ...['--max-queued-bytes', '0'], // however slow the page is on a busy machine
      ],
    });
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    for (const stranger of strangers) await stranger.leave();
    await tab?.context.close();
    assert.deepEqual(tab?.troubles, []);
  });

  /** Alice, Live in a session of her own. */
  async function enter(options) {
    strangers = [];
    tab = await visit(browser, server.url, options);
    const alice = new Musician(tab.page.locator('article.device'));
    code = await alice.create('Alice', 'piano');
    return { page: tab.page, alice };
  }

  async function stranger(name, instrument) {
    const made = await Stranger.enter(browser, server, { name, instrument, code });
    strangers.push(made);
    return made;
  }

  const tower = `Z${'\u0301\u0302\u0303\u0304\u0305\u0306\u0307'.repeat(4)}`;

  for (const viewport of [
    { width: 320, height: 568 },
    { width: 844, height: 390 },
  ]) {
    it(`names that are made to break the page, on ${viewport.width} × ${viewport.height}`, async () => {
      const { page, alice } = await enter({ viewport });
      const keys = () => page.locator('.keys').boundingBox();
      const before = await keys();
      const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
      const names = ['W'.repeat(32), tower, '\u202eecila', 'ﷺ'.repeat(32), '<b>Bob</b>'];
      for (const [at, name] of names.entries()) {
        await stranger(name, at % 2 ? tower : 'W'.repeat(32));
        await expectCount(alice.card.locator('.participants li'), at + 2);
        await alice.seesMessage('has joined.');
        assert.deepEqual(await keys(), before, `the keys stay where they are for ${name}`);
        assert.ok(await fits(), `nothing sticks out for ${name}`);
      }
      const rows = await alice.card.locator('.participants li').evaluateAll((rows) =>
        rows.map((row) => row.getBoundingClientRect().height),
      );
      assert.equal(new Set(rows).size, 1, 'all members have rows of the same height');
      // An instrument is a word, and no class of the page's styles.
      const last = await stranger('Eve', 'visually-hidden');
      await alice.sees({ ...Object.fromEntries(names.map((name) => [name, []])), Alice: [], Eve: [] });
      assert.equal((await alice.of('Eve').boundingBox()).height, rows[0]);
      await last.ask('session:update', { name: 'W'.repeat(32), instrument: 'score' });
      await expectCount(alice.card.locator('.participants li').filter({ hasText: 'score' }), 1);
      assert.deepEqual(await keys(), before);
      assert.ok(await fits());
      await strangers.pop().leave();
      await alice.seesMessage('has left.');
      assert.deepEqual(await keys(), before);
    });
  }

  it('instruments that JavaScript knows by name, and notes that are none', async () => {
    const { page, alice } = await enter();
    await alice.play('E4'); // so that there is sound
    for (const instrument of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      const eve = await stranger('Eve', instrument);
      await eve.play(
        ['note', { pitch: 60, velocity: 0.5 }],
        ['note', { pitch: 60, velocity: 0.5 }],
        ['note-off', { pitch: 60 }],
      );
      await alice.hears('Eve', 'C4');
      await eve.leave();
      strangers.pop();
      await alice.sees({ Alice: ['host'] });
    }
    const eve = await stranger('Eve', 'drums');
    const strange = [
      null,
      7,
      'note',
      [],
      {},
      { pitch: 60.5 },
      { pitch: -1 },
      { pitch: 1e9 },
      { pitch: '60' },
      { pitch: { toString: 1 } },
    ];
    await eve.play(...strange.map((data) => ['note', data]), ['note', { pitch: 62, velocity: 1e9 }]);
    await alice.hears('Eve', 'D4');
    await alice.play('G4');
    await alice.hears('Alice', 'G4');
    await expectCount(page.locator('.keys .lit'), 0);
  });

  it('events of a megabyte: all are read, and the oldest messages let go', async () => {
    const { page, alice } = await enter();
    await alice.openDrawer();
    const eve = await stranger('Eve', 'synth');
    await eve.playBytes(1_000_000);
    await page.locator('.row').filter({ hasText: 'binary, 1000000 bytes' }).click();
    await expectText(page.locator('.message-details'), '1000000 bytes', 'more bytes');
    await eve.play(['text', 'x'.repeat(1_000_000)], ['wide', Array(100_000).fill({ a: 1 })]);
    for (let count = 0; count < 30; ++count) await eve.playBytes(1_000_000);
    await eve.play(['note', { pitch: 67, velocity: 0.5 }]);
    await alice.hears('Eve', 'G4');
    await expectText(page.locator('.chart'), 'messages were dropped to save memory');
    // The state is still complete, at the oldest message too.
    const state = page.locator('.state');
    await expectText(state, code, 'Alice, piano (host)', 'Eve, synth');
    await page.getByLabel('Position in time').focus();
    await page.keyboard.press('Home');
    await eventually(
      async () => /after message [1-9]\d*/.test(await state.innerText()),
      () => 'the oldest message that is kept',
    );
    await expectText(state, code, 'Alice, piano (host)');
  });

  it('a browser that refuses storage', async () => {
    const { alice } = await enter({
      prepare: (page) =>
        page.addInitScript(() =>
          Object.defineProperty(window, 'localStorage', {
            get: () => {
              throw new DOMException('denied', 'SecurityError');
            },
          }),
        ),
    });
    await alice.choose(/theme$/);
    await alice.play('E4');
    await alice.hears('Alice', 'E4');
  });

  for (const [title, refuse] of [
    ['refuses sound', () => (window.AudioContext = class {
      constructor() {
        throw new DOMException('no');
      }
    })],
    ['has no Web Audio', () => delete window.AudioContext],
    ['never lets sound begin', () => {
      AudioContext.prototype.resume = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
      Object.defineProperty(AudioContext.prototype, 'state', { get: () => 'suspended' });
    }],
  ]) {
    it(`a browser that ${title}`, async () => {
      const { page, alice } = await enter({ prepare: (page) => page.addInitScript(refuse) });
      const eve = await stranger('Eve', 'drums');
      await alice.play('E4');
      await alice.play('G4');
      await eve.play(['note', { pitch: 38, velocity: 0.5 }]);
      await alice.hears('Eve', 'Snare');
      await alice.hears('Alice', 'G4');
      if (title.includes('begin')) return;
      await page.getByRole('button', { name: 'Menu', exact: true }).click();
      await page.getByRole('button', { name: 'No sound' }).waitFor();
    });
  }
});

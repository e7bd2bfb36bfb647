// Live as an instrument: octaves, pedal, strength, colours of persons, and what a phone does to it.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium } from './support/browser.mjs';
import { eventually, expectCount, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';
import { Stranger } from './support/stranger.mjs';
import { LiveTheatre } from './support/theatres.mjs';

describe('The instrument', () => {
  let server;
  let browser;
  let theatre;
  before(async () => {
    server = await startServer();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    await theatre.close();
    assert.deepEqual(theatre.troubles, []);
  });

  async function solo(prepare) {
    theatre = new LiveTheatre(browser, server, prepare);
    const mia = await theatre.enter();
    const code = await mia.create('Mia', 'piano');
    return { mia, code, page: mia.tab.page, keyboard: mia.tab.page.keyboard };
  }

  async function duet() {
    const { mia, code, ...rest } = await solo();
    const bob = await theatre.enter();
    await bob.join(code, 'Bob', 'piano');
    await mia.sees({ Mia: ['host'], Bob: ['piano'] });
    return { mia, bob, code, ...rest };
  }

  const lit = (musician) => musician.card.locator('.keys .lit');
  const button = (musician, name) => musician.card.getByRole('button', { name, exact: true });

  it('shifts by octaves, with buttons and with Z and X, as far as there are notes', async () => {
    const { mia, keyboard } = await solo();
    await mia.card.locator('.code').focus();
    await keyboard.press('KeyX');
    await keyboard.press('KeyA');
    await mia.hears('Mia', 'C5');
    await button(mia, 'Octave down').click();
    await button(mia, 'Octave down').click();
    await mia.card.locator('.code').focus();
    await keyboard.press('KeyA');
    await mia.hears('Mia', 'C3');
    // A key that is down ends with the shift: nothing would end it later.
    await keyboard.down('KeyD');
    await expectCount(lit(mia), 1);
    await keyboard.press('KeyZ');
    await expectCount(lit(mia), 0);
    await keyboard.up('KeyD');
    for (let times = 0; times < 12; ++times) await keyboard.press('KeyZ');
    await expectText(mia.card.locator('.octave'), 'C0');
    assert.ok(await button(mia, 'Octave down').isDisabled());
    for (let times = 0; times < 12; ++times) await keyboard.press('KeyX');
    await expectText(mia.card.locator('.octave'), 'C7');
    assert.ok(await button(mia, 'Octave up').isDisabled());
  });

  it('sustains while the pedal is down: the space bar, or the button', async () => {
    const { mia, bob, keyboard } = await duet();
    const key = button(mia, 'E4');
    await key.focus(); // which the space bar must not press
    await keyboard.down('Space');
    await keyboard.press('KeyA');
    await keyboard.press('KeyD');
    await expectCount(lit(bob), 2);
    assert.equal(await lit(mia).count(), 2);
    await keyboard.up('Space');
    await expectCount(lit(bob), 0);
    await expectCount(lit(mia), 0);

    await button(mia, 'Sustain').click();
    await mia.play('G4');
    await expectCount(lit(bob), 1);
    await button(mia, 'Sustain').click();
    await expectCount(lit(bob), 0);
  });

  it('shows how strongly a note was played, as musicians write it', async () => {
    const { mia, bob, page } = await duet();
    const strike = async (part) => {
      const { x, y, width, height } = await button(mia, 'E4').boundingBox();
      await page.mouse.click(x + width / 2, y + height * part);
    };
    await strike(0.95);
    await expectText(bob.of('Mia').locator('.dynamics'), 'ff');
    await strike(0.05);
    await expectText(bob.of('Mia').locator('.dynamics'), 'mp');
    const stranger = await Stranger.enter(browser, server, { name: 'Eve', instrument: 'piano', code: await mia.code() });
    await stranger.play(['note', { pitch: 62, velocity: 0.1 }]);
    await expectText(mia.of('Eve').locator('.dynamics'), 'pp');
    await expectCount(mia.card.locator('.keys .lit.soft'), 1);
    await stranger.leave();
  });

  it('has a colour for each person: two pianists differ in the list and on the keys', async () => {
    const { mia, bob, keyboard } = await duet();
    await mia.card.locator('.code').focus();
    await keyboard.down('KeyA');
    await bob.card.locator('.code').focus();
    await bob.tab.page.keyboard.down('KeyD');
    for (const each of [mia, bob]) {
      await expectCount(lit(each), 2);
      const own = (locator) =>
        locator.evaluate((node) => getComputedStyle(node).getPropertyValue('--own'));
      const colours = { Mia: await own(each.of('Mia')), Bob: await own(each.of('Bob')) };
      assert.notEqual(colours.Mia, colours.Bob);
      assert.equal(await own(button(each, 'C4')), colours.Mia);
      assert.equal(await own(button(each, 'E4')), colours.Bob);
    }
    await keyboard.up('KeyA');
    await bob.tab.page.keyboard.up('KeyD');
    await expectCount(lit(mia), 0);
  });

  it('says how long the server takes to answer each one', async () => {
    const { mia, bob } = await duet();
    for (const each of [mia, bob])
      for (const name of ['Mia', 'Bob'])
        await eventually(
          async () => /^\d+ ms$/.test(await each.of(name).locator('.latency').innerText({ timeout: 500 }).catch(() => '')),
          () => `${name}’s latency`,
        );
  });

  it('does not believe every latency', async () => {
    const { mia, code } = await solo();
    const eve = await Stranger.enter(browser, server, { name: 'Eve', instrument: 'piano', code });
    await eve.play(
      ...['12', -1, 1e9, null, { ms: 1 }].map((data) => ['latency', data]),
      ['note', { pitch: 60, velocity: 0.5 }],
    );
    await mia.hears('Eve', 'C4');
    await expectCount(mia.of('Eve').locator('.latency'), 0);
    await eve.play(['latency', 24]);
    await expectText(mia.of('Eve').locator('.latency'), '24 ms');
    await eve.leave();
  });

  it('says that one is alone, and that a name is in use', async () => {
    const { mia, code } = await solo();
    await mia.seesMessage('You are alone here.', `Share ${code}`);
    await button(mia, 'Invite others').waitFor();
    const twin = await theatre.enter();
    await twin.join(code, 'mia', 'bass');
    await expectCount(mia.card.locator('.alone'), 0);
    await expectText(twin.card.locator('.notices'), 'Somebody else here is called mia');
    await button(twin, 'Call me mia 2').click();
    await expectText(mia.card.locator('.participants'), 'Mia', 'mia 2');
    await expectCount(twin.card.locator('.notice'), 0);
    await expectCount(mia.card.locator('.notice'), 0);
  });

  it('dims its keys while they reach nobody else', async () => {
    const { mia, bob } = await duet();
    const opacity = () => mia.card.locator('.keys').evaluate((keys) => getComputedStyle(keys).opacity);
    assert.equal(await opacity(), '1');
    await theatre.unplug(mia);
    await mia.seesMessage('Reconnecting', 'The others cannot hear you now.');
    await eventually(async () => Number(await opacity()) < 0.6, opacity);
    await bob.sees({ Mia: ['away'], Bob: [] });
    await theatre.plug(mia);
    await mia.seesMessage('Connected.');
    await eventually(async () => (await opacity()) === '1', opacity);
  });

  it('keeps the screen on while one is in a session', async () => {
    const { mia, page } = await solo((page) =>
      page.addInitScript(() => {
        window.locks = [];
        const request = async () => {
          const lock = { released: false, release: async () => void (lock.released = true) };
          window.locks.push(lock);
          return lock;
        };
        Object.defineProperty(navigator, 'wakeLock', { value: { request } });
      }),
    );
    const held = () => page.evaluate(() => window.locks.map(({ released }) => !released).join());
    const expectHeld = (which) => eventually(async () => (await held()) === which, held);
    await expectHeld('true');
    // The browser has taken it, as it does when another app is shown.
    await page.evaluate(() => {
      window.locks[0].released = true;
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await expectHeld('false,true');
    await mia.leave();
    await expectHeld('false,false');
  });

  it('sounds again after an interruption', async () => {
    const { mia, page } = await solo((page) =>
      page.addInitScript(() => {
        window.AudioContext = class extends AudioContext {
          constructor(...given) {
            super(...given);
            window.audio = this;
          }
        };
      }),
    );
    await mia.play('E4');
    const state = () => page.evaluate(() => window.audio?.state);
    const isRunning = () => eventually(async () => (await state()) === 'running', state);
    await isRunning();
    await page.evaluate(() => window.audio.suspend());
    await isRunning();
  });
});

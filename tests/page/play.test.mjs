// Everything that one can play with: fingers, a mouse that glides, MIDI keyboards.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { expectCount, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';

describe('Playing', () => {
  let server;
  let browser;
  let tab;
  before(async () => {
    server = await startServer();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    await tab.context.close();
    assert.deepEqual(tab.troubles, []);
  });

  /** Alice at the piano, and Bob, who receives her notes. */
  async function duet(options) {
    tab = await visit(browser, `${server.url}tab/`, options);
    const { page } = tab;
    await page.getByRole('button', { name: 'Every message' }).click();
    const alice = new Musician(page.locator('article.device').first());
    const code = await alice.create('Alice', 'piano');
    await page.getByRole('button', { name: 'Add a device' }).click();
    const bob = new Musician(page.locator('article.device').nth(1));
    await bob.join(code, 'Bob', 'drums');
    await alice.sees({ Alice: ['host'], Bob: ['drums'] });
    return { page, alice, bob };
  }

  /** The middle of the white part of a key, on the screen. */
  async function middleOf(musician, key) {
    const button = musician.card.getByRole('button', { name: key, exact: true });
    await button.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await button.boundingBox();
    return { x: x + width / 2, y: y + height * 0.8 };
  }

  /** Alice's messages on the wire, as the chart shows them. */
  const sent = (page, what) => page.locator('.row.up').filter({ hasText: what });

  describe('with fingers', () => {
    const phone = { hasTouch: true, isMobile: true, viewport: { width: 390, height: 844 } };

    it('a tap is a note', async () => {
      const { page, alice, bob } = await duet(phone);
      const { x, y } = await middleOf(alice, 'E4');
      await page.touchscreen.tap(x, y);
      await bob.hears('Alice', 'E4');
      await expectCount(sent(page, 'event note-off · 64'), 1);
      await expectCount(sent(page, 'event note · 64'), 1);
    });

    for (const [width, height] of [
      [320, 568],
      [390, 844],
      [844, 390],
      [1280, 800],
    ]) {
      it(`keys are as large as a finger on ${width} × ${height}`, async () => {
        const { page, alice } = await duet({ ...phone, viewport: { width, height } });
        const keys = await alice.card.locator('.keys button').evaluateAll((buttons) =>
          buttons
            .filter(({ offsetWidth }) => offsetWidth > 0)
            .map((button) => {
              const { left, right, top, bottom } = button.getBoundingClientRect();
              return { isBlack: button.matches('.black'), left, right, top, bottom };
            }),
        );
        const blacks = keys.filter(({ isBlack }) => isBlack);
        const whites = keys.filter(({ isBlack }) => !isBlack);
        assert.ok(blacks.length >= 5 && whites.length >= 7);
        for (const { left, right, top, bottom } of keys) {
          // The smallest screen gives a card's octave a little less than the stage has.
          assert.ok(right - left >= (width < 350 ? 40.9 : 43.9), `${right - left} wide`);
          assert.ok(bottom - top >= 44);
          assert.ok(left >= 0 && right <= width, 'nothing is cut off');
        }
        for (const row of [blacks, whites]) {
          for (let at = 1; at < row.length; ++at)
            assert.ok(row[at].left >= row[at - 1].right - 0.1, 'they do not overlap');
        }
        assert.ok(whites[0].bottom - blacks[0].bottom >= 44, 'white keys have room below');
        const pads = await page.locator('.pads button').evaluateAll((buttons) =>
          buttons.map((button) => [button.offsetWidth, button.offsetHeight]),
        );
        for (const size of pads.flat()) assert.ok(size >= 44, `${size}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
      });
    }

    it('two fingers are two notes, and a finger that glides plays each key on its way', async () => {
      const { page, alice } = await duet(phone);
      const touch = await page.context().newCDPSession(page);
      const dispatch = (type, ...touchPoints) =>
        touch.send('Input.dispatchTouchEvent', { type, touchPoints });
      const [c, d, e, g] = [
        await middleOf(alice, 'C4'),
        await middleOf(alice, 'D4'),
        await middleOf(alice, 'E4'),
        await middleOf(alice, 'G4'),
      ];
      await dispatch('touchStart', { ...c, id: 0 }, { ...g, id: 1 });
      await expectCount(page.locator('.keys .lit'), 2);
      await dispatch('touchMove', { ...d, id: 0 }, { ...g, id: 1 });
      await dispatch('touchMove', { ...e, id: 0 }, { ...g, id: 1 });
      await expectCount(page.locator('.keys .lit'), 2);
      await dispatch('touchEnd');
      await expectCount(page.locator('.keys .lit'), 0);
      for (const pitch of [60, 62, 64, 67]) {
        await expectCount(sent(page, `event note · ${pitch}`), 1);
        await expectCount(sent(page, `event note-off · ${pitch}`), 1);
      }
    });
  });

  it('a mouse glides over the keys, and lets go wherever it is', async () => {
    const { page, alice, bob } = await duet();
    const from = await middleOf(alice, 'C4');
    const to = await middleOf(alice, 'F4');
    await page.mouse.move(from.x, from.y);
    await page.mouse.down();
    await page.mouse.move(to.x, to.y, { steps: 12 });
    await page.mouse.up();
    await bob.hears('Alice', 'F4');
    for (const pitch of [60, 62, 64, 65]) await expectCount(sent(page, `event note-off · ${pitch}`), 1);
    await expectCount(page.locator('.keys .lit'), 0);
  });

  it('a struck key has its colour at once, without a flash', async () => {
    const { page, alice } = await duet();
    const { x, y } = await middleOf(alice, 'E4');
    await page.mouse.move(x, y);
    // Each frame from before the stroke until long after it: opaque, and either of two colours.
    const colours = page.evaluate(
      () =>
        new Promise((resolve) => {
          const key = document.querySelector('.keys button[aria-label="E4"]');
          const seen = new Set();
          let litFrames = 0;
          const look = () => {
            seen.add(getComputedStyle(key).backgroundColor);
            litFrames += key.matches('.lit') ? 1 : 0;
            if (litFrames > 10) resolve([...seen]);
            else requestAnimationFrame(look);
          };
          look();
        }),
    );
    await page.mouse.down();
    const seen = await colours;
    await page.mouse.up();
    assert.ok(seen.length <= 2, seen.join());
    for (const colour of seen) assert.match(colour, /^rgb\(/, 'nothing shines through');
  });

  it('a key of the computer that is held ends when the window loses it', async () => {
    const { page, alice, bob } = await duet();
    await alice.card.getByRole('button', { name: 'Leave' }).focus();
    await page.keyboard.down('KeyD');
    await bob.hears('Alice', 'E4');
    await page.evaluate(() => dispatchEvent(new Event('blur')));
    await expectCount(sent(page, 'event note-off · 64'), 1);
    await page.keyboard.up('KeyD');
  });

  it('what one does to a robot’s network moves neither the ear nor the keys', async () => {
    tab = await visit(browser, `${server.url}tab/`);
    const { page } = tab;
    await page.getByRole('button', { name: 'Start a jam with robots' }).click();
    await expectCount(page.locator('article.device'), 4);
    const card = (name) => page.getByRole('article', { name: `${name}’s device` });
    const ada = new Musician(card('Ada'));
    await ada.sees({ Ada: ['host'], 'Robo Bop': [], 'Robo Low': [], 'Robo Keys': [] });
    const bop = new Musician(card('Robo Bop'));
    const isAudible = (musician) => musician.card.getByText('you hear this device').waitFor();
    await isAudible(ada);

    await bop.card.getByRole('button', { name: 'Unplug' }).click();
    await bop.seesMessage('Reconnecting');
    await bop.card.getByLabel('Latency').focus();
    await page.keyboard.press('ArrowRight');
    await bop.card.getByText('Robo Bop').first().click();
    await isAudible(ada);
    await ada.card.getByRole('button', { name: 'Leave' }).focus();
    await page.keyboard.press('KeyD');
    await ada.hears('Ada', 'E4');

    // The user may listen to another device; the keys still play the user's own.
    await page.getByRole('button', { name: 'Listen on Robo Low’s device' }).click();
    await isAudible(new Musician(card('Robo Low')));
    await page.keyboard.press('KeyF');
    await ada.hears('Ada', 'F4');
    await page.getByRole('button', { name: 'Listen on Ada’s device' }).click();
    await isAudible(ada);
  });

  describe('with a MIDI keyboard', () => {
    /** A browser with these keyboards, which a test can play, add and unplug. */
    const withKeyboards = (...names) => ({
      prepare: (page) =>
        page.addInitScript((names) => {
          const access = { inputs: new Map(), onstatechange: null };
          window.midi = {
            isDenied: false,
            plug(name) {
              access.inputs.set(name, { name, state: 'connected', onmidimessage: null });
              access.onstatechange?.();
            },
            unplug(name) {
              access.inputs.get(name).state = 'disconnected';
              access.onstatechange?.();
            },
            send: (name, ...data) =>
              access.inputs.get(name).onmidimessage({ data: new Uint8Array(data) }),
          };
          for (const name of names) window.midi.plug(name);
          navigator.requestMIDIAccess = () =>
            window.midi.isDenied ? Promise.reject(new DOMException('no')) : Promise.resolve(access);
        }, names),
    });

    const remark = (musician) => musician.card.locator('.midi [role=status]');
    const choose = (musician) => musician.card.getByRole('button', { name: 'MIDI keyboard' }).click();

    it('keys are notes with the strength of the hand, and other messages are none', async () => {
      const { page, alice, bob } = await duet(withKeyboards('Stage 61'));
      await choose(alice);
      await expectText(remark(alice), 'Listening to Stage 61');
      await page.evaluate(() => {
        window.midi.send('Stage 61', 0xf8); // a clock
        window.midi.send('Stage 61', 0xb0, 7, 127); // a fader
        window.midi.send('Stage 61', 0x91, 67, 100); // on any channel
        window.midi.send('Stage 61', 0x81, 67, 0);
        window.midi.send('Stage 61', 0x90, 72, 50);
        window.midi.send('Stage 61', 0x90, 72, 0); // struck with no strength: released
      });
      await bob.hears('Alice', 'C5');
      await expectCount(sent(page, 'event note · 67 · 0.79'), 1);
      await expectCount(sent(page, 'event note-off · 67'), 1);
      await expectCount(sent(page, 'event note-off · 72'), 1);
      await expectCount(sent(page, 'session:event'), 4);
    });

    it('one may come later, and be unplugged while a key is down', async () => {
      const { page, alice, bob } = await duet(withKeyboards());
      await choose(alice);
      await expectText(remark(alice), 'plug one in');
      await page.evaluate(() => window.midi.plug('Late 25'));
      await expectText(remark(alice), 'Listening to Late 25');
      await page.evaluate(() => window.midi.send('Late 25', 0x90, 64, 90));
      await bob.hears('Alice', 'E4');
      await page.evaluate(() => window.midi.unplug('Late 25'));
      await expectCount(sent(page, 'event note-off · 64'), 1);
    });

    it('it plays the device that took it last', async () => {
      const { page, alice, bob } = await duet(withKeyboards('Stage 61'));
      await choose(alice);
      await choose(bob);
      await expectText(remark(alice), 'another device');
      await page.evaluate(() => window.midi.send('Stage 61', 0x90, 38, 90));
      await alice.hears('Bob', 'Snare');
      await bob.leave();
      await alice.sees({ Alice: ['host'] });
      await page.evaluate(() => window.midi.send('Stage 61', 0x90, 36, 90));
      await expectCount(sent(page, 'event note · 36'), 0);
    });

    it('it says what it does on a phone on its side, too', async () => {
      tab = await visit(browser, server.url, {
        ...withKeyboards('Stage 61'),
        viewport: { width: 844, height: 390 },
      });
      const ada = new Musician(tab.page.locator('article.device'));
      await choose(ada);
      await expectText(remark(ada), 'Listening to Stage 61');
      const { x, y, width, height } = await remark(ada).boundingBox();
      assert.ok(width > 100 && x >= 0 && x + width <= 844 && y + height <= 390);
      // While one plays it is over no key, and the menu has it.
      await tab.page.getByLabel('Your name').click();
      await tab.page.waitForFunction(() => document.querySelector('.midi span').offsetWidth === 1);
      await ada.card.getByRole('button', { name: 'Menu', exact: true }).click();
      await expectText(ada.card.locator('.menu-items'), 'Listening to Stage 61');
    });

    it('it says when the browser does not allow it', async () => {
      const { page, alice } = await duet(withKeyboards());
      await page.evaluate(() => (window.midi.isDenied = true));
      await choose(alice);
      await expectText(remark(alice), 'did not allow');
    });
  });
});

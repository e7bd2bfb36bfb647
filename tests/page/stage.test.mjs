// Live on the screens that people have: code, members and keys in view at once, nothing that moves
// them, and nothing for axe-core to find. Screenshots are for people.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';

import { violations } from './support/axe.mjs';
import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { expectCount, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';
import { Stranger } from './support/stranger.mjs';

const shots = fileURLToPath(new URL('../../build/page-shots/', import.meta.url));
const sizes = [
  [320, 640],
  [360, 640],
  [390, 844],
  [844, 390],
  [768, 1024],
  [1366, 657],
  [1440, 900],
];
// Colours that change with the theme are there at once.
const phone = { hasTouch: true, isMobile: true, reducedMotion: 'reduce' };
const longest = (at) => `${'ﷺW'.repeat(15)}${at}`;

describe('The stage', () => {
  let server;
  let browser;
  before(async () => {
    await mkdir(shots, { recursive: true });
    server = await startServer();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** Adds up how far the page's parts have moved by themselves. */
  const watchShift = (page) =>
    page.addInitScript(() => {
      window.shift = 0;
      new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries())
          if (!hadRecentInput) window.shift += value;
      }).observe({ type: 'layout-shift', buffered: true });
    });

  /** Those of these elements that are not wholly on the screen, or too small for a finger. */
  const outOfView = (page, selector) =>
    page.locator(selector).evaluateAll((elements) =>
      elements
        .filter((one) => one.checkVisibility() && one.offsetWidth > 1)
        .filter((one) => {
          const { left, top, right, bottom } = one.getBoundingClientRect();
          return left < -0.5 || top < -0.5 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
        })
        .map((one) => `${one.outerHTML.slice(0, 80)} at ${JSON.stringify(one.getBoundingClientRect())}`),
    );
  const tooSmall = (page, selector) =>
    page.locator(selector).evaluateAll((elements) =>
      elements
        .filter((one) => one.checkVisibility() && one.offsetWidth > 1)
        .map((one) => [one.textContent || one.ariaLabel, one.getBoundingClientRect()])
        .filter(([, { width, height }]) => width < 43.9 || height < 43.9)
        .map(([text, { width, height }]) => `${text}: ${width} × ${height}`),
    );
  const isWithoutScroll = (page) =>
    page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      return scrollWidth <= innerWidth && scrollHeight <= innerHeight;
    });

  /** `axeSizes` are those on which axe-core looks, too. */
  async function check(page, name, selectors, axeSizes = sizes) {
    for (const [width, height] of sizes) {
      await page.setViewportSize({ width, height });
      for (const colorScheme of ['dark', 'light']) {
        await page.emulateMedia({ colorScheme });
        const where = `${name}-${width}x${height}-${colorScheme}`;
        // The canvas is drawn anew once the browser has told it its size.
        await page.evaluate(() => new Promise(requestAnimationFrame));
        await page.screenshot({ path: `${shots}${where}.png` });
        assert.deepEqual(await outOfView(page, selectors), [], where);
        assert.ok(await isWithoutScroll(page), `${where} does not scroll`);
        if (axeSizes.some(([one]) => one === width))
          assert.deepEqual(await violations(page), [], where);
      }
      assert.deepEqual(await tooSmall(page, '.stage :is(button, .instruments label)'), [], `${width}`);
    }
  }

  it('has a way in and the keys in view on every screen', async () => {
    const { page, context, troubles } = await visit(browser, server.url, { ...phone, prepare: watchShift });
    await new Musician(page.locator('article.device')).seesMessage('Connected.');
    const shift = await page.evaluate(async () => {
      for (let frame = 0; frame < 3; ++frame) await new Promise(requestAnimationFrame);
      return window.shift;
    });
    assert.ok(shift < 0.01, `it shifted by ${shift}`);
    await check(page, 'lobby', '.entrance, .entrance button, .entrance input, .keys, .keys button');
    await page.goto(`${server.url}j/BT7K-2XR9M?from=${encodeURIComponent(longest(1))}`);
    await expectText(page.locator('.invitation'), 'BT7K-2XR9M');
    await check(page, 'invitation', '.invitation, .invitation button, .keys button', [[390, 844]]);
    assert.deepEqual(troubles, []);
    await context.close();
  });

  it('has code, ten members with the longest names, and keys in view on every screen', async () => {
    const tab = await visit(browser, server.url, phone);
    const { page } = tab;
    const mia = new Musician(page.locator('article.device'));
    const keys = () => page.locator('.keys').boundingBox();
    const before = await keys();
    const code = await mia.create(longest(0), 'piano');
    const strangers = [];
    for (let at = 1; at < 10; ++at) {
      const instrument = at % 3 ? ['drums', 'bass', 'synth'][at % 3] : longest(at);
      strangers.push(await Stranger.enter(browser, server, { name: longest(at), instrument, code }));
    }
    await expectCount(mia.card.locator('.participants li'), 10);
    const chord = [60, 64, 67, 48, 38, 72];
    for (const [at, pitch] of chord.entries())
      await strangers[at].play(['note', { pitch, velocity: 0.3 + at / 10 }]);
    await mia.hears(longest(6), 'C5');
    assert.deepEqual(await keys(), before, 'nothing has moved the keys');
    await check(page, 'session', '.code, .stage-head button, .participants li, .keys, .keys button');
    // The pads of a drummer have the same place.
    await mia.card.getByRole('radio', { name: 'drums' }).check();
    await page.setViewportSize({ width: 844, height: 390 });
    await page.locator('.pads button').first().waitFor();
    assert.deepEqual(await outOfView(page, '.pads button, .participants li'), []);
    assert.deepEqual(await tooSmall(page, '.pads button'), []);
    for (const stranger of strangers) await stranger.leave();
    await expectCount(mia.card.locator('.participants li'), 1);
    assert.deepEqual(tab.troubles, []);
    await tab.context.close();
  });

  for (const path of ['', 'j/FUNKY-42']) {
    it(`comes to /${path} with less than 250 kB, and without the engine`, async () => {
      const { page, context } = await visit(browser, server.url + path);
      await page.waitForLoadState('networkidle');
      const loaded = await page.evaluate(() =>
        performance
          .getEntries()
          .filter(({ encodedBodySize }) => encodedBodySize)
          .map(({ name, encodedBodySize }) => [name, encodedBodySize]),
      );
      const total = loaded.reduce((sum, [, size]) => sum + size, 0);
      assert.ok(total > 0 && total < 250_000, `${total} bytes`);
      assert.ok(!loaded.some(([name]) => name.endsWith('.wasm')));
      await context.close();
    });
  }

  it('has icons and a manifest for a home screen', async () => {
    const page = await (await fetch(server.url)).text();
    assert.match(page, /viewport-fit=cover/);
    const [, touch] = /rel="apple-touch-icon" href="([^"]+)"/.exec(page);
    const manifest = await (await fetch(`${server.url}manifest.webmanifest`)).json();
    assert.equal(manifest.start_url, '/');
    const pngs = manifest.icons.filter(({ type }) => type === 'image/png');
    assert.deepEqual(pngs.map(({ sizes, purpose = '' }) => sizes + purpose), ['192x192', '512x512', '512x512maskable']);
    for (const [path, size] of [[touch, 180], ...pngs.map(({ src, sizes }) => [src, parseInt(sizes, 10)])]) {
      const bytes = Buffer.from(await (await fetch(new URL(path, server.url))).arrayBuffer());
      assert.equal(bytes.readUInt32BE(16), size, `${path} is as wide as it says`);
    }
  });
});

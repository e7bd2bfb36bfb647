// Looks and accessibility: axe-core in both themes, widths without sideways
// scrolling, keyboard alone, and a page that opens without a network. Screenshots are for people.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'node:test';

import { violations } from './support/axe.mjs';
import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';

const shots = fileURLToPath(new URL('../../build/page-shots/', import.meta.url));

describe('Looks', () => {
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

  async function jam(page) {
    await page.getByRole('button', { name: 'Start a jam with robots' }).click();
    const alice = new Musician(page.locator('article.device').first());
    await alice.sees({ Ada: ['host'], 'Robo Bop': [], 'Robo Low': [], 'Robo Keys': [] });
    await alice.play('E4');
    const low = page.getByRole('article', { name: 'Robo Low’s device' });
    await low.getByRole('button', { name: 'Unplug' }).click();
    await expectText(alice.of('Robo Low'), 'away');
    // It moves while robots play, and a mouse would wait until it does not.
    await page.locator('.rows .row').nth(3).evaluate((row) => row.click());
    await page.getByRole('button', { name: 'Pause time' }).click();
  }

  for (const colorScheme of ['dark', 'light']) {
    for (const width of [320, 768, 1440]) {
      it(`suits ${width} pixels, ${colorScheme}`, async () => {
        const viewport = { width, height: 900 };
        const tab = await visit(browser, `${server.url}tab/`, { viewport, colorScheme });
        const { page } = tab;
        await expectText(page.locator('.status'), 'Connected.');
        const shoot = (name) =>
          page.screenshot({ path: `${shots}${name}-${width}-${colorScheme}.png`, fullPage: true });
        await shoot('lobby');
        assert.deepEqual(await violations(page), []);
        await jam(page);
        await shoot('jam');
        assert.deepEqual(await violations(page), []);
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          'nothing sticks out',
        );
        for (const height of await page
          .locator('.state th')
          .evaluateAll((heads) => heads.map((head) => head.offsetHeight)))
          assert.ok(height < 30, 'no word of the table is broken');
        assert.deepEqual(tab.troubles, []);
        await tab.context.close();
      });
    }
  }

  it('switches themes, and remembers', async () => {
    const { page, context } = await visit(browser, `${server.url}tab/`, { colorScheme: 'dark' });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const dark = await ground();
    await page.getByRole('button', { name: 'Light theme' }).click();
    const light = await ground();
    assert.notEqual(light, dark);
    await page.reload();
    assert.equal(await ground(), light);
    await context.close();
  });

  it('needs no mouse', async () => {
    const { page, context } = await visit(browser, `${server.url}tab/`);
    await expectText(page.locator('.status'), 'Connected.');
    const { keyboard } = page;
    await page.getByLabel('Your name').focus();
    await keyboard.press('Tab'); // to the instruments
    await keyboard.press('ArrowRight');
    await keyboard.press('Tab'); // to “Create a session”
    await keyboard.press('Enter');
    const alice = new Musician(page.locator('article.device').first());
    await alice.code();
    await alice.card.getByRole('button', { name: 'C2', exact: true }).focus();
    await keyboard.press('ArrowRight');
    await keyboard.press('Enter');
    await alice.hears('Ada', 'C♯2');
    await context.close();
  });

  it('creates and joins with Enter, as any form', async () => {
    const { page, context } = await visit(browser, `${server.url}tab/`);
    await expectText(page.locator('.status'), 'Connected.');
    await page.getByLabel('Your name').fill('Alice');
    await page.keyboard.press('Enter');
    const alice = new Musician(page.locator('article.device').first());
    const code = await alice.code();
    await page.getByRole('button', { name: 'Add a device' }).click();
    const bob = new Musician(page.locator('article.device').nth(1));
    await bob.card.getByText('Connected.').waitFor();
    await bob.card.getByLabel('Code', { exact: true }).fill(code);
    // Not what the button that stands first would do.
    await bob.card.getByLabel('Your name').fill('Bob');
    await page.keyboard.press('Enter');
    await alice.sees({ Alice: ['host'], Bob: [] });
    await bob.leave();
    await bob.card.getByLabel('Code', { exact: true }).fill(code);
    await page.keyboard.press('Enter');
    await alice.sees({ Alice: ['host'], Bob: [] });
    await context.close();
  });

  it('opens without a network, once it has been seen', async () => {
    const { page, context, troubles } = await visit(browser, `${server.url}tab/`, {
      serviceWorkers: 'allow',
    });
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await context.setOffline(true);
    await page.reload();
    await new Musician(page.locator('article.device')).create('Ada', 'piano');
    assert.deepEqual(troubles, []);
    await context.close();
  });

  it('does not jump about while it loads', async () => {
    const { page, context } = await visit(browser, `${server.url}tab/`);
    await expectText(page.locator('.status'), 'Connected.');
    const shift = await page.evaluate(
      () =>
        new Promise((resolve) => {
          new PerformanceObserver((list) => {
            resolve(list.getEntries().reduce((sum, { value }) => sum + value, 0));
          }).observe({ type: 'layout-shift', buffered: true });
          setTimeout(() => resolve(0), 1000); // there was no layout shift to report
        }),
    );
    assert.ok(shift < 0.01, `it shifted by ${shift}`);
    await context.close();
  });

  it('is small: all of it is under 250 kB, by far', async () => {
    const { page, context } = await visit(browser, `${server.url}tab/`);
    await expectText(page.locator('.status'), 'Connected.');
    await page.waitForLoadState('networkidle');
    const loaded = await page.evaluate(() =>
      performance
        .getEntries()
        .filter(({ encodedBodySize }) => encodedBodySize)
        .map(({ name, encodedBodySize, decodedBodySize }) => ({
          name,
          size: encodedBodySize,
          isCompressed: encodedBodySize < decodedBodySize,
        })),
    );
    const total = loaded.reduce((sum, { size }) => sum + size, 0);
    assert.ok(total < 240_000, `${total} bytes`);
    const [engine] = loaded.filter(({ name }) => name.endsWith('.wasm'));
    assert.ok(engine?.isCompressed, 'the engine comes, and compressed');
    await context.close();
  });

  it('keeps still where that is asked for', async () => {
    const { page, context } = await visit(browser, `${server.url}tab/`, { reducedMotion: 'reduce' });
    await page.getByRole('button', { name: 'Start a jam with robots' }).click();
    const alice = new Musician(page.locator('article.device').first());
    await alice.play('E4');
    await alice.hears('Ada', 'E4');
    const moving = await page.evaluate(() => document.getAnimations().length);
    assert.equal(moving, 0);
    await context.close();
  });

  it('does not lose the focus of a keyboard', async () => {
    const { page, context } = await visit(browser, `${server.url}tab/`);
    await expectText(page.locator('.status'), 'Connected.');
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    await page.getByRole('button', { name: 'Create a session' }).focus();
    await page.keyboard.press('Enter');
    await eventually(async () => /Session code/.test(await focused()), focused);
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Leave');
    await page.keyboard.press('Enter');
    await eventually(async () => (await focused()) === 'Create a session', focused);
    await context.close();
  });
});

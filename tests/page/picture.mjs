// Takes docs/page.png again, of the page and the server as they are built. No test:
// node tests/page/picture.mjs
// It needs zopflipng (Debian's package zopfli), without which the picture is a third larger.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';

const path = fileURLToPath(new URL('../../docs/page.png', import.meta.url));
const server = await startServer();
const browser = await launchChromium();
const { page } = await visit(browser, `${server.url}tab/`, {
  viewport: { width: 1440, height: 1600 },
  colorScheme: 'dark',
});
await page.getByRole('button', { name: 'Start a jam with robots' }).click();
const ada = new Musician(page.locator('article.device').first());
await ada.sees({ Ada: ['host'], 'Robo Bop': [], 'Robo Low': [], 'Robo Keys': [] });
await ada.card.getByRole('button', { name: 'Leave' }).focus();
// A while, so that the staff is full.
const messages = async () => Number(/of (\d+)/.exec(await page.locator('.count').innerText())[1]);
await eventually(
  async () => (await messages()) > 500,
  () => 'more messages',
);
await page.keyboard.down('KeyA');
await page.keyboard.down('KeyD');
await ada.hears('Ada', 'E4');
await expectCount(ada.card.locator('.keys .lit'), 2);
await page.evaluate(() => document.activeElement.blur());
// By the DOM: a click with the mouse would release the keys.
await page.getByRole('button', { name: 'Pause time' }).evaluate((button) => button.click());
await page.getByRole('button', { name: 'Verify' }).evaluate((button) => button.click());
await expectText(page.locator('.verdict'), 'identical');
await page.screenshot({ path });
await browser.close();
await server.stop();
execFileSync('zopflipng', ['-y', path, path]);

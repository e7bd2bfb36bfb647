// Takes the pictures of Live in docs again: a phone, the same on its side, a desktop. No test:
// node tests/page/stage-pictures.mjs
// It needs zopflipng (Debian's package zopfli), without which the pictures are a third larger.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { expectCount } from './support/patience.mjs';
import { startServer } from './support/server.mjs';
import { Stranger } from './support/stranger.mjs';

const pictures = { phone: [390, 844], landscape: [844, 390], desktop: [1440, 900] };
const band = { Mia: 'synth', 'Quiet Fox': 'bass', Noor: 'drums', Zoë: 'piano' };
const bars = [[76, 45, 36, 60], [79, 48, 38, 64], [81, 52, 42, 67]];

const server = await startServer();
const browser = await launchChromium();
const { page } = await visit(browser, server.url, { colorScheme: 'dark' });
const ada = new Musician(page.locator('article.device'));
const code = await ada.create('Ada', 'piano');
const strangers = [];
for (const [name, instrument] of Object.entries(band))
  strangers.push(await Stranger.enter(browser, server, { name, instrument, code }));
await expectCount(ada.card.locator('.participants li'), 5);
await Promise.all(
  strangers.map((stranger, at) => stranger.play(['latency', 12 + 9 * at])),
);
await expectCount(ada.card.locator('.latency'), 5);
for (const [name, [width, height]] of Object.entries(pictures)) {
  await page.setViewportSize({ width, height });
  for (const bar of bars) {
    for (const [at, stranger] of strangers.entries())
      await stranger.play(['note', { pitch: bar[at], velocity: 0.4 + at / 8 }]);
    // The next notes are on another place of the staff.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    for (const [at, stranger] of strangers.entries())
      if (bar !== bars.at(-1)) await stranger.play(['note-off', { pitch: bar[at] }]);
  }
  const path = fileURLToPath(new URL(`../../docs/page-${name}.png`, import.meta.url));
  await page.screenshot({ path });
  execFileSync('zopflipng', ['-y', path, path]);
}
await browser.close();
await server.stop();

// Draws the page's icons from web-demo/public/favicon.svg. No test:
// node tests/page/icons.mjs
import { mkdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { launchChromium } from './support/browser.mjs';

const folder = fileURLToPath(new URL('../../web-demo/public/', import.meta.url));
const drawing = await readFile(`${folder}favicon.svg`, 'utf8');
// Systems cut their own corners, and a mask may take a fifth of each side.
const square = drawing.replace(' rx="8"', '');
const inset = square.replace('viewBox="0 0 32 32"', 'viewBox="-4 -4 40 40"').replace('width="32" height="32"', 'x="-4" y="-4" width="40" height="40"');
const icons = { 192: [192, drawing], 512: [512, drawing], maskable: [512, inset], 'apple-touch': [180, square] };

await mkdir(`${folder}icons`, { recursive: true });
const browser = await launchChromium();
for (const [name, [size, svg]] of Object.entries(icons)) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(`<style>body { margin: 0 } svg { display: block }</style>${svg}`);
  await page.screenshot({ path: `${folder}icons/${name}.png`, omitBackground: true });
  await page.close();
}
await browser.close();

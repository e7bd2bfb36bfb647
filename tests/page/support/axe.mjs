import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds wrong with the page. */
export async function violations(page) {
  // The page's policy allows no scripts from elsewhere, but a debugger's.
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run());
  return found.violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}

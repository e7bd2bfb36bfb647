// What the first press of a new visitor shows by itself.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';

describe('The first scene', () => {
  let server;
  let browser;
  let tab;
  let page;
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

  const open = async (options) => {
    tab = await visit(browser, `${server.url}tab/`, options);
    page = tab.page;
    await expectText(page.locator('.status'), 'Connected.');
  };
  const press = (name) => page.getByRole('button', { name, exact: true }).click();
  const caption = () => page.locator('.first-scene');
  const isOver = () =>
    eventually(
      async () => (await caption().innerText()) === '',
      () => 'the end of the scene',
    );
  const ada = () => new Musician(page.locator('article.device').first());
  const rows = (words) => page.locator('.row').filter({ hasText: words });

  /** In the page itself, so that nothing that it says is missed. */
  const whenItSays = (words, name) =>
    page.evaluate(
      ([words, name]) => {
        const caption = document.querySelector('.first-scene p');
        window.captions = [];
        new MutationObserver(() => {
          window.captions.push(caption.textContent);
          const buttons = [...document.querySelectorAll('button')];
          if (caption.textContent.includes(words))
            buttons.find(({ textContent }) => textContent === name).click();
        }).observe(caption, { childList: true, characterData: true, subtree: true });
      },
      [words, name],
    );

  it('pulls the cable and plugs it in again, and the chart shows that the seat was kept', async () => {
    await open({ isFirstVisit: true });
    await press('Hidden');
    await whenItSays('back in the same seat', 'Pause time');
    await press('Start a jam with robots');
    await caption().getByText('back in the same seat').waitFor();
    assert.deepEqual(
      (await page.evaluate(() => window.captions)).map((words) => words.split('.')[0]),
      [
        'Ada plays with three robots, over the server in this tab',
        'Ada’s cable is pulled',
        'The cable is in again: the client connects by itself, and shows what it knows',
        'Ada is back in the same seat, with the same id',
      ],
    );
    await press('Resume time');
    await isOver();
    await ada().sees({ Ada: ['host'], 'Robo Bop': [], 'Robo Low': [], 'Robo Keys': [] });
    // Three robots hear that she is away, and that she is back.
    await expectCount(rows('session:user-left'), 3);
    await expectCount(rows(/session:user-joined.* back/), 3);
    await rows(/session:joined.* resumed/).waitFor();
  });

  it('can be skipped, which leaves everything plugged in', async () => {
    await open({ isFirstVisit: true });
    await whenItSays('cable is pulled', 'Pause time');
    await press('Start a jam with robots');
    await ada().card.getByRole('button', { name: 'Plug in' }).waitFor();
    await press('Skip');
    await isOver();
    await ada().card.getByRole('button', { name: 'Unplug' }).waitFor();
    await press('Resume time');
    await ada().seesMessage('Connected.');
  });

  it('ends when the visitor takes over, and comes once', async () => {
    await open({ isFirstVisit: true });
    await press('× 0.1');
    await press('Start a jam with robots');
    await caption().getByText('plays with three robots').waitFor();
    await ada().card.getByLabel('Latency').focus();
    await page.keyboard.press('ArrowRight');
    await isOver();
    await press('Remove the robots');
    await press('Start a jam with robots');
    await expectCount(page.locator('article.device'), 4);
    assert.equal(await caption().innerText(), '');
  });
});

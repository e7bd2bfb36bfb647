// The address of the page: it leads into sessions, and always says where one is.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { drawCodes } from './support/codes.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';
import { Stranger } from './support/stranger.mjs';
import { LiveTheatre } from './support/theatres.mjs';

describe('The address', () => {
  let server;
  let browser;
  let tab;
  before(async () => {
    // One wrong guess, and new codes are long ones.
    server = await startServer({ options: ['--max-failed-joins-per-day', '1'] });
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    await tab?.context.close();
    assert.deepEqual(tab?.troubles ?? [], []);
    tab = undefined;
  });

  const open = async (path = '') => (tab = await visit(browser, server.url + path)).page;
  const alice = () => new Musician(tab.page.locator('article.device'));
  const press = (name) => tab.page.getByRole('button', { name, exact: true }).click();
  /** What is typed into the address bar behind the `#`. */
  const follow = (text) => tab.page.evaluate((text) => (location.hash = text), text);
  const address = () => tab.page.evaluate(() => location.pathname + location.search + location.hash);
  const expectAddress = (text) =>
    eventually(
      async () => (await address()) === text,
      async () => `${text}, not ${await address()}`,
    );
  const expectInvitation = (code) => expectText(tab.page.locator('.invited-code'), code);

  it('invites to codes of every shape that the engine draws, by old links too', async () => {
    const page = await open();
    await alice().seesMessage('Connected.');
    const shapes = await drawCodes(8);
    assert.equal(shapes.length, 4);
    for (const code of shapes.flat()) {
      await follow(code);
      await expectInvitation(code);
      await expectAddress(`/j/${code}`);
    }
    // As people type and paste them.
    const typed = [
      (code) => code.toLowerCase(),
      (code) => encodeURIComponent(` ${code.replace('-', ' – ')}\u200b`),
      (code) => code.replace('-', '_'),
      (code) => code.replace('-', '*'),
      // As a Japanese keyboard writes it.
      (code) => code.replace(/[!-~]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0)),
    ];
    for (const type of typed) {
      for (const [code] of shapes) {
        await follow(type(code));
        await expectInvitation(code);
      }
    }
    const last = shapes[3][1].replace('-', '');
    await follow(last);
    await expectInvitation(last);
    // A text that is no code changes neither the invitation nor the address.
    for (const none of ['main', '%E0%A4%A', 'FÜNKY-42', '<img src=x>', 'x'.repeat(5000), 'A-1', '12345678901']) {
      await follow(none);
      await expectAddress(`/j/${last}`);
    }
    await page.reload();
    await expectInvitation(last);
    for (const [code] of shapes) {
      await page.goto(`${server.url}j/${code.toLowerCase()}`);
      await expectInvitation(code);
    }
  });

  it('leads into a session with a longer code', async () => {
    const somebody = await Stranger.enter(browser, server, {});
    let long;
    await eventually(
      async () => {
        await somebody.ask('session:join', { roomCode: 'FUNKY-42', name: 'Eve' });
        const { roomCode } = await somebody.ask('session:create', { name: 'Eve' });
        long = /-\w{5}$/.test(roomCode) && roomCode;
        return long;
      },
      () => 'a longer code',
    );
    await open(`j/${long.toLowerCase()}`);
    await expectInvitation(long);
    await alice().introduce('Alice', 'piano');
    await press('Join');
    await alice().sees({ Eve: ['host'], Alice: ['you'] });
    await expectAddress(`/j/${long}`);
    await somebody.leave();
  });

  it('is that of Live at first, and of no session once one has left', async () => {
    const page = await open('#live');
    await expectAddress('/');
    const code = await alice().create('Alice', 'piano');
    await expectAddress(`/j/${code}`);
    assert.equal(await page.title(), `${code} · Downbeat`);
    await alice().leave();
    await expectAddress('/');
    await alice().choose('This tab');
    await expectAddress('/tab/');
    await page.getByRole('heading', { name: 'its server in this tab' }).waitFor();
    await page.goBack();
    await expectAddress('/');
    await alice().seesMessage('Left.');
    await page.goForward();
    await page.reload();
    await page.getByRole('heading', { name: 'its server in this tab' }).waitFor();
    await press('Live');
    await expectAddress('/');
  });

  it('is left alone by the link that skips to the content', async () => {
    const page = await open();
    const code = await alice().create('Alice', 'piano');
    await page.getByRole('link', { name: 'Skip to content' }).focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    assert.equal(await address(), `/j/${code}`);
  });

  it('asks before a link leads out of a session', async () => {
    const theatre = new LiveTheatre(browser, server);
    const bob = await theatre.enter();
    const other = await bob.create('Bob', 'drums');
    const page = await open();
    const code = await alice().create('Alice', 'piano');
    const question = page.getByRole('dialog', { name: `Join ${other}?` });

    await follow(other);
    await expectText(question, `You are in ${code}`);
    await expectAddress(`/j/${code}`);
    await question.getByRole('button', { name: `Stay in ${code}` }).click();
    await expectCount(page.getByRole('dialog'), 0);
    assert.equal(await alice().code(), code);

    await follow(other);
    await question.waitFor();
    await page.keyboard.press('Escape');
    await expectCount(page.getByRole('dialog'), 0);
    assert.equal(await address(), `/j/${code}`);

    // To where one is already there is nothing to ask; and no address but a code's leads out.
    for (const same of [code.toLowerCase(), '', 'live', 'main']) {
      await follow(same);
      await expectAddress(`/j/${code}`);
    }
    await expectCount(page.getByRole('dialog'), 0);

    await follow('ZZZ-42');
    await page.getByRole('button', { name: 'Leave and join ZZZ-42' }).click();
    await alice().seesMessage('Session not found');
    assert.equal(await alice().code(), code, 'a wrong link takes nobody out');

    await follow(other);
    await question.getByRole('button', { name: `Leave and join ${other}` }).click();
    await bob.sees({ Bob: ['host'], Alice: ['piano'] });
    await expectAddress(`/j/${other}`);
    await theatre.close();
  });

  it('may be pasted whole as a code, in both forms', async () => {
    const theatre = new LiveTheatre(browser, server);
    const bob = await theatre.enter();
    const code = await bob.create('Bob', 'drums');
    await open();
    for (const link of [`j/${code}?from=Bob`, `#${code}`]) {
      await alice().join(server.url + link, 'Alice', 'piano');
      await bob.sees({ Bob: ['host'], Alice: ['piano'] });
      await alice().leave();
      await bob.sees({ Bob: ['host'] });
    }
    await theatre.close();
  });
});

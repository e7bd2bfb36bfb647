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

  const open = async (hash = '') => (tab = await visit(browser, server.url + hash)).page;
  const alice = () => new Musician(tab.page.locator('article.device'));
  const pressed = (name) => tab.page.getByRole('button', { name, pressed: true, exact: true });
  const press = (name) => tab.page.getByRole('button', { name, exact: true }).click();
  const hash = () => tab.page.evaluate(() => location.hash);
  const follow = (text) => tab.page.evaluate((text) => (location.hash = text), text);
  const expectHash = (text) =>
    eventually(
      async () => (await hash()) === text,
      async () => `${text}, not ${await hash()}`,
    );
  const field = () => tab.page.getByLabel('Code', { exact: true });
  const expectField = (text) =>
    eventually(
      async () => (await field().inputValue()) === text,
      async () => `${text}, not ${await field().inputValue()}`,
    );

  it('invites to codes of every shape that the engine draws', async () => {
    const page = await open('#live');
    await field().waitFor();
    const shapes = await drawCodes(8);
    assert.equal(shapes.length, 4);
    for (const code of shapes.flat()) {
      await follow(code);
      await expectField(code);
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
        await expectField(code);
      }
    }
    const last = shapes[3][1].replace('-', '');
    await follow(last);
    await expectField(last);
    // A text that is no code changes neither the field nor the address.
    for (const none of ['main', '%E0%A4%A', 'FÜNKY-42', '<img src=x>', 'x'.repeat(5000), 'A-1', '12345678901']) {
      await follow(none);
      await expectHash(`#${last}`);
    }
    await page.reload();
    await expectField(last);
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
    await open(`#${long.toLowerCase()}`);
    await expectField(long);
    await alice().introduce('Alice', 'piano');
    await press('Join');
    await alice().sees({ Eve: ['host'], Alice: ['you'] });
    await expectHash(`#${long}`);
    await somebody.leave();
  });

  it('is that of Live after a reload, and of no session once one has left', async () => {
    const page = await open();
    await pressed('This tab').waitFor();
    await press('Live');
    await expectHash('#live');
    await page.reload();
    await pressed('Live').waitFor();
    const code = await alice().create('Alice', 'piano');
    await expectHash(`#${code}`);
    await alice().leave();
    await expectHash('#live');
    await expectField('');
    await press('This tab');
    await expectHash('');
  });

  it('is left alone by the link that skips to the content', async () => {
    const page = await open('#live');
    const code = await alice().create('Alice', 'piano');
    await page.getByRole('link', { name: 'Skip to content' }).focus();
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
    assert.equal(await hash(), `#${code}`);
  });

  it('asks before a link leads out of a session', async () => {
    const theatre = new LiveTheatre(browser, server);
    const bob = await theatre.enter();
    const other = await bob.create('Bob', 'drums');
    const page = await open('#live');
    const code = await alice().create('Alice', 'piano');
    const question = page.getByRole('dialog', { name: `Join ${other}?` });

    await follow(other);
    await expectText(question, `You are in ${code}`);
    await expectHash(`#${code}`);
    await question.getByRole('button', { name: `Stay in ${code}` }).click();
    await expectCount(page.getByRole('dialog'), 0);
    assert.equal(await alice().code(), code);

    await follow(other);
    await question.waitFor();
    await page.keyboard.press('Escape');
    await expectCount(page.getByRole('dialog'), 0);
    assert.equal(await hash(), `#${code}`);

    // To where one is already there is nothing to ask; and no address but a code's leads out.
    for (const same of [code.toLowerCase(), '', 'live', 'main']) {
      await follow(same);
      await expectHash(`#${code}`);
    }
    await expectCount(page.getByRole('dialog'), 0);

    await follow('ZZZ-42');
    await page.getByRole('button', { name: 'Leave and join ZZZ-42' }).click();
    await alice().seesMessage('Session not found');
    assert.equal(await alice().code(), code, 'a wrong link takes nobody out');

    await follow(other);
    await question.getByRole('button', { name: `Leave and join ${other}` }).click();
    await bob.sees({ Bob: ['host'], Alice: ['piano'] });
    await expectHash(`#${other}`);
    await theatre.close();
  });

  it('of the loopback is in no QR code; that of the network is', async () => {
    await open('#live');
    const code = await alice().create('Alice', 'piano');
    await press('QR code');
    await expectText(alice().card, 'works on this machine only', 'prints when it starts');
    await expectCount(tab.page.getByRole('img', { name: /QR code/ }), 0);
    await tab.context.close();

    const network = `http://jam.example:${server.port}/`;
    tab = await visit(browser, network);
    await press('Live');
    const another = await alice().create('Alice', 'piano');
    assert.notEqual(another, code);
    await press('QR code');
    await tab.page.getByRole('img', { name: `QR code of ${network}#${another}` }).waitFor();
    await expectCount(tab.page.getByText('this machine only'), 0);
    // Browsers remark that a header of the server needs HTTPS.
    tab.troubles = tab.troubles.filter((text) => !text.includes('Cross-Origin-Opener-Policy'));
  });

  it('may be pasted whole as a code', async () => {
    const theatre = new LiveTheatre(browser, server);
    const bob = await theatre.enter();
    const code = await bob.create('Bob', 'drums');
    await open('#live');
    await alice().join(`${server.url}#${code}`, 'Alice', 'piano');
    await bob.sees({ Bob: ['host'], Alice: ['piano'] });
    await theatre.close();
  });
});

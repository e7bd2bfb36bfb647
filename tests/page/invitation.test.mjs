// Links that lead others into a session: how they are made, and how one follows them.
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { expectCount, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';
import { LiveTheatre } from './support/theatres.mjs';

describe('An invitation', () => {
  let server;
  let browser;
  let theatre;
  before(async () => {
    server = await startServer();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
  });
  afterEach(async () => {
    await theatre?.close();
    assert.deepEqual(theatre?.troubles ?? [], []);
    theatre = undefined;
  });

  async function hosted(name = 'Mia') {
    theatre = new LiveTheatre(browser, server);
    const mia = await theatre.enter();
    return { mia, code: await mia.create(name, 'piano') };
  }

  it('says who invites, has a name ready, and needs one button', async () => {
    const { mia, code } = await hosted();
    const bob = await theatre.enter(`j/${code}?from=Mia`);
    await expectText(bob.card.locator('.invitation h2'), `Mia invites you to ${code}`);
    const name = await bob.card.getByLabel('Your name').inputValue();
    assert.match(name, /^[A-Z][a-z]+ [A-Z][a-z]+$/);
    await bob.card.getByRole('button', { name: 'Join', exact: true }).click();
    await mia.sees({ Mia: ['host'], [name]: ['piano'] });
    await bob.sees({ Mia: ['host'], [name]: ['you'] });
    // Who has joined shares no old name.
    await bob.tab.page.waitForFunction(() => location.search === '');
  });

  it('is accepted by the first note, too: one tap', async () => {
    const { mia, code } = await hosted();
    const bob = await theatre.enter(`j/${code}`);
    await bob.seesMessage('Connected.');
    await bob.play('E4');
    await expectCount(mia.card.locator('.participants li'), 2);
    await expectCount(bob.card.locator('.participants li'), 2);
    const name = await bob.card.getByText('you', { exact: true }).locator('..').locator('.who').innerText();
    // The note that joins reaches the others, and so does its end.
    await mia.hears(name, 'E4');
    await bob.hears(name, 'E4');
    await expectCount(mia.card.locator('.keys .lit'), 0);
    await bob.play('G4');
    await mia.hears(name, 'G4');
  });

  /** Opens a page whose scripts come only once the result is called. */
  async function openWithoutScripts(path) {
    let comes;
    const come = new Promise((resolve) => (comes = resolve));
    const tab = await visit(browser, server.url + path, {
      waitUntil: 'commit',
      prepare: (page) =>
        page.route('**/assets/*.js', async (route) => {
          await come;
          await route.continue();
        }),
    });
    const musician = new Musician(tab.page.locator('article.device'));
    await expectText(musician.card.locator('.invitation h2'), 'You are invited to');
    return { tab, musician, comes };
  }

  it('is there before the page’s scripts, and they do what was tapped until then', async () => {
    const { mia, code } = await hosted();
    const { tab, musician: bob, comes } = await openWithoutScripts(`j/${code}?from=Mia`);
    await expectText(bob.card.locator('.invitation h2'), code);
    await bob.card.getByLabel('Your name').fill('Bob');
    await bob.card.getByRole('button', { name: 'Join', exact: true }).click();
    assert.equal(await mia.card.locator('.participants li').count(), 1);
    comes();
    await mia.sees({ Mia: ['host'], Bob: ['piano'] });
    await bob.sees({ Mia: ['host'], Bob: ['you'] });
    assert.deepEqual(tab.troubles, []);
    await tab.context.close();
  });

  it('sends the others a note that was struck before the page’s scripts were there', async () => {
    const { mia, code } = await hosted();
    const { tab, musician: bob, comes } = await openWithoutScripts(`j/${code}`);
    await bob.card.getByLabel('Your name').fill('Bob');
    await bob.play('E4');
    comes();
    await mia.hears('Bob', 'E4');
    await bob.sees({ Mia: ['host'], Bob: ['you'] });
    assert.deepEqual(tab.troubles, []);
    await tab.context.close();
  });

  it('is drawn by the page’s scripts as it was before them', async () => {
    const { tab, musician, comes } = await openWithoutScripts('j/FUNKY-42');
    const { page } = tab;
    /** All elements with their attributes, but for the size of the canvas and the news of the status. */
    const drawn = () =>
      page.locator('#page *:not(canvas, .status, .status *)').evaluateAll((elements) =>
        elements.map((one) => {
          const attributes = [...one.attributes].map(({ name, value }) => `${name}=${value}`).sort();
          const text = one.childElementCount === 0 ? one.textContent : '';
          return `${one.localName} ${attributes.join(' ')} ${text}`;
        }),
      );
    const head = await page.locator('.stage-head').elementHandle();
    const before = await drawn();
    comes();
    await musician.seesMessage('Connected.');
    assert.deepEqual(await drawn(), before);
    await page.locator('.status.ready').waitFor();
    assert.ok(await head.evaluate((one) => one.isConnected), 'it is not drawn anew');
    await tab.context.close();
  });

  it('connects by HTTP where WebSockets fail, or are swallowed without a word', async () => {
    const { mia, code } = await hosted();
    for (const [name, failure] of [
      ['Fay', "socket.readyState = 3; socket.onerror?.(new Event('error'));"],
      ['Sam', ''],
    ]) {
      const { page, context } = await visit(browser, `${server.url}j/${code}`, {
        prepare: (page) =>
          page.addInitScript(
            `window.WebSocket = class {
              static OPEN = 1;
              readyState = 0;
              constructor() {
                queueMicrotask(() => { const socket = this; ${failure} });
              }
              close() {}
            };`,
          ),
      });
      const newcomer = new Musician(page.locator('article.device'));
      await newcomer.card.getByLabel('Your name').fill(name);
      await newcomer.card.getByRole('button', { name: 'Join', exact: true }).click();
      await expectText(mia.card.locator('.participants'), name);
      await context.close();
    }
  });

  it('is not followed once one has chosen something else', async () => {
    const { mia, code } = await hosted();
    let connects;
    const connected = new Promise((resolve) => (connects = resolve));
    const { page, context } = await visit(browser, `${server.url}j/${code}`, {
      prepare: (page) =>
        page.routeWebSocket('**/socket.io/**', async (socket) => {
          await connected;
          socket.connectToServer();
        }),
    });
    const bob = new Musician(page.locator('article.device'));
    await bob.card.getByRole('button', { name: 'Join', exact: true }).click();
    await bob.card.getByRole('button', { name: 'Something else' }).click();
    connects();
    await bob.seesMessage('Connected.');
    await bob.create('Bob', 'piano');
    await mia.sees({ Mia: ['you', 'host'] });
    await context.close();
  });

  it('from a stranger shows what it says as text, and as much as there is room for', async () => {
    const { code } = await hosted();
    const name = `<img src=x>\u202e${'W'.repeat(400)}`;
    const bob = await theatre.enter(`j/${code}?from=${encodeURIComponent(name)}`);
    await expectText(bob.card.locator('.invitation h2'), '<img src=x>', '…', code);
    assert.ok(
      await bob.tab.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
    );
  });

  it('to a session that has ended says so, and leads to one of one’s own', async () => {
    theatre = new LiveTheatre(browser, server);
    const bob = await theatre.enter('j/NOBODY-42');
    await bob.card.getByRole('button', { name: 'Join', exact: true }).click();
    await bob.seesMessage('Session not found');
    // The keys do not ask again.
    await bob.play('E4');
    await bob.card.getByRole('button', { name: 'Something else' }).click();
    await bob.create('Bob', 'piano');
    await bob.sees({ Bob: ['you', 'host'] });
  });

  it('is shared by the system where the browser can, and copied elsewhere', async () => {
    const share = (page) =>
      page.addInitScript(() => {
        navigator.share = (what) => Promise.resolve((window.shared = what));
      });
    const forget = (page) => page.addInitScript(() => (navigator.share = undefined));
    for (const [prepare, permissions] of [
      [share, []],
      [forget, ['clipboard-read', 'clipboard-write']],
    ]) {
      const { page, context } = await visit(browser, server.url, { prepare, permissions });
      const mia = new Musician(page.locator('article.device'));
      const code = await mia.create('Mia & Co', 'piano');
      await page.getByRole('button', { name: 'Invite others' }).click();
      await page.getByRole('button', { name: 'Share the link' }).click();
      const url = `${server.url}j/${code}?from=Mia%20%26%20Co`;
      if (permissions.length === 0) {
        await page.waitForFunction(() => window.shared);
        const shared = await page.evaluate(() => window.shared);
        assert.equal(shared.url, url);
        assert.ok(shared.text.includes(`Mia & Co invites you`) && shared.text.includes(code));
      } else {
        await expectText(page.locator('.said'), 'copied');
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), url);
      }
      assert.equal(page.url(), `${server.url}j/${code}`, 'the address can be copied, too');
      await context.close();
    }
  });

  it('has an address that a phone can open, or says that none is known', async () => {
    const { mia, code } = await hosted();
    const { page } = mia.tab;
    const open = () => mia.card.getByRole('button', { name: 'Share', exact: true }).click();
    await open();
    await expectText(page.locator('.share'), 'works on this machine only', 'knows no address');
    await expectCount(page.getByRole('img', { name: /QR code/ }), 0);
    await page.keyboard.press('Escape');
    await expectCount(page.getByRole('dialog'), 0);

    const origins = ['http://192.168.1.5:3001', 'http://[fd00::5]:3001'];
    await page.route('**/network', (route) => route.fulfill({ json: { origins } }));
    await open();
    await page.getByRole('img', { name: `QR code of ${origins[0]}/j/${code}?from=Mia` }).waitFor();
    await page.getByLabel('Address').selectOption(origins[1]);
    await page.getByRole('img', { name: `QR code of ${origins[1]}/j/${code}?from=Mia` }).waitFor();
  });

  it('has the page’s own address where that is one of the network', async () => {
    const network = `http://jam.example:${server.port}/`;
    const tab = await visit(browser, network);
    const mia = new Musician(tab.page.locator('article.device'));
    const code = await mia.create('Mia', 'piano');
    await mia.card.getByRole('button', { name: 'Share', exact: true }).click();
    await tab.page.getByRole('img', { name: `QR code of ${network}j/${code}?from=Mia` }).waitFor();
    await tab.context.close();
  });
});

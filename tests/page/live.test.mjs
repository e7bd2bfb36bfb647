// What only a server across a network has: links, restarts.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectText } from './support/patience.mjs';
import { startServer } from './support/server.mjs';
import { LiveTheatre } from './support/theatres.mjs';

describe('Live', () => {
  let browser;
  before(async () => (browser = await launchChromium()));
  after(() => browser?.close());

  it('fills in the code of a link, and shows a QR code of it', async () => {
    const server = await startServer();
    const theatre = new LiveTheatre(browser, server);
    const alice = await theatre.enter();
    const code = await alice.create('Alice', 'piano');
    await alice.card.getByRole('button', { name: 'QR code' }).click();
    await alice.card.getByRole('img', { name: `QR code of ${server.url}#${code}` }).waitFor();
    const bob = await theatre.enter(`#${code}`);
    assert.equal(await bob.card.getByLabel('Code', { exact: true }).inputValue(), code);
    await bob.introduce('Bob', 'drums');
    await bob.card.getByRole('button', { name: 'Join' }).click();
    await alice.sees({ Alice: ['host'], Bob: ['drums'] });
    await theatre.close();
    await server.stop();
  });

  it('shares the link where the browser can, and copies it elsewhere', async () => {
    const server = await startServer();
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
      await page.getByRole('button', { name: 'Live', exact: true }).click();
      const alice = new Musician(page.locator('article.device'));
      const code = await alice.create('Alice', 'piano');
      await page.getByRole('button', { name: 'Share the link' }).click();
      const url = `${server.url}#${code}`;
      if (permissions.length === 0) {
        await page.waitForFunction(() => window.shared);
        assert.equal((await page.evaluate(() => window.shared)).url, url);
      } else {
        await expectText(page.locator('.said'), 'copied');
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), url);
      }
      assert.equal(page.url(), url, 'the address can be copied, too');
      await context.close();
    }
    await server.stop();
  });

  it('says which build it talks to, and whether the page is of the same commit', async () => {
    const server = await startServer();
    const { commit, version } = await (await fetch(`${server.url}healthz`)).json();
    const ofPage = JSON.parse(await (await fetch(`${server.url}build.json`)).text());
    assert.deepEqual(ofPage, { version, commit });
    const said = async (health) => {
      const { page, context } = await visit(browser, server.url, {
        prepare: (page) => health && page.route('**/healthz', (route) => route.fulfill(health)),
      });
      await page.getByRole('button', { name: 'Live', exact: true }).click();
      await expectText(page.locator('.build'), 'erver');
      await page.locator('.build:not(:has-text("Waiting"))').waitFor();
      const words = await page.locator('.build').innerText();
      await context.close();
      return words;
    };
    const [digits] = commit.split('-');
    const same = commit === 'unknown' ? `both Downbeat ${version}` : `the same commit, ${digits}`;
    assert.ok((await said()).includes(same));
    const another = { json: { version, commit: '0123456789ab', uptimeSeconds: 1 } };
    if (commit !== 'unknown') assert.match(await said(another), /commit 0123456789ab.*Reload/);
    const older = { json: { version: '0.0.1', uptimeSeconds: 1 } };
    assert.match(await said(older), /Downbeat 0\.0\.1, this page/);
    const silent = { json: { version, uptimeSeconds: 1 } };
    assert.match(await said(silent), /without knowing/);
    await server.stop();
  });

  it('shows what it knows of the server, now and at any time before', async () => {
    const server = await startServer({ options: ['--ping-interval', '300'] });
    const theatre = new LiveTheatre(browser, server);
    const alice = await theatre.enter();
    const { page } = alice.tab;
    const state = page.locator('.state');
    const code = await alice.create('Alice', 'piano');
    const bob = await theatre.enter();
    await bob.join(code, 'Bob', 'drums');
    await expectText(state, 'now', code, 'Alice, piano (host)', 'Bob, drums', 'open, websocket');
    await expectText(state, 'Next ping due', 'Else it gives up', 'resting');
    await expectText(state, 'What the server tells everybody', 'Sessions', 'Musicians');
    await page.locator('.row').filter({ hasText: /pong$/ }).first().waitFor();
    await bob.card.getByRole('radio', { name: 'bass' }).check();
    await expectText(state, 'Bob, bass');
    await alice.leave();
    await expectText(state, 'in no session');

    const back = () => page.getByRole('button', { name: 'One message back' }).click();
    for (const moment of ['Bob, bass', 'Bob, drums', 'in no session']) {
      await eventually(
        async () => {
          if ((await state.innerText()).includes(moment)) return true;
          await back();
          return false;
        },
        () => moment,
      );
    }
    await page.getByLabel('Position in time').focus();
    await page.keyboard.press('Home');
    await expectText(state, 'after message 0', 'not yet');
    assert.deepEqual(theatre.troubles, []);
    await theatre.close();
    await server.stop();
  });

  it('outlives a restart of the server', async () => {
    let server = await startServer();
    const theatre = new LiveTheatre(browser, server);
    const alice = await theatre.enter();
    const code = await alice.create('Alice', 'piano');
    await server.stop();
    await alice.isTold('Reconnecting');
    await expectText(alice.tab.page.locator('.state'), 'in no session', 'gone');
    server = await startServer({ port: server.port });
    await alice.isTold('Left.', `${code} is over`);
    assert.notEqual(await alice.create('Alice', 'synth'), undefined);
    await alice.sees({ Alice: ['you', 'host', 'synth'] });
    await theatre.close();
    await server.stop();
  });

  it('says when the server does not answer, and connects once it does', async () => {
    const server = await startServer();
    const { page, context } = await visit(browser, server.url);
    const status = page.locator('.status');
    await expectText(status, 'Connected.');
    await server.stop();
    await page.getByRole('button', { name: 'Live', exact: true }).click();
    await expectText(status, 'No connection.', 'needs no server');
    const again = await startServer({ port: server.port });
    await expectText(status, 'Connected.');
    await context.close();
    await again.stop();
  });

  it('follows the wire again after one has looked back', async () => {
    const server = await startServer();
    const theatre = new LiveTheatre(browser, server);
    const alice = await theatre.enter();
    const { page } = alice.tab;
    await alice.create('Alice', 'piano');
    await page.getByRole('button', { name: 'One message back' }).click();
    await page.getByRole('button', { name: 'Back to now' }).click();
    await alice.play('E4');
    await page.locator('.row').filter({ hasText: 'session:event note · 64' }).waitFor();
    await theatre.close();
    await server.stop();
  });
});

// What only a server across a network has: links, restarts.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectText } from './support/patience.mjs';
import { serve } from './support/server.mjs';
import { LiveTheatre } from './support/theatres.mjs';

describe('Live', () => {
  let browser;
  before(async () => (browser = await launchChromium()));
  after(() => browser?.close());

  it('says which build it talks to, and whether the page is of the same commit', async (t) => {
    const server = await serve(t);
    const { commit, version } = await (await fetch(`${server.url}healthz`)).json();
    const ofPage = JSON.parse(await (await fetch(`${server.url}build.json`)).text());
    assert.deepEqual(ofPage, { version, commit });
    const said = async (health) => {
      const { page, context } = await visit(browser, server.url, {
        prepare: (page) => health && page.route('**/healthz', (route) => route.fulfill(health)),
      });
      await new Musician(page.locator('article.device')).openDrawer();
      await expectText(page.locator('.build'), 'erver');
      await page.locator('.build:not(:has-text("Waiting"))').waitFor();
      const words = await page.locator('.build').innerText();
      await context.close();
      return words;
    };
    const [digits] = commit.split('-');
    const same = commit === 'unknown' ? `both Downbeat ${version}` : `the same build, commit ${digits}`;
    assert.ok((await said()).includes(same));
    const another = { json: { version, commit: '0123456789ab', uptimeSeconds: 1 } };
    if (commit !== 'unknown') assert.match(await said(another), /commit 0123456789ab.*Reload/);
    const older = { json: { version: '0.0.1', uptimeSeconds: 1 } };
    assert.match(await said(older), /Downbeat 0\.0\.1, this page is/);
    const silent = { json: { version, uptimeSeconds: 1 } };
    assert.match(await said(silent), /their commits are unknown/);
    await server.stop();
  });

  it('shows what it knows of the server, now and at any time before', async (t) => {
    const server = await serve(t, { options: ['--ping-interval', '300'] });
    const theatre = new LiveTheatre(browser, server);
    const alice = await theatre.enter();
    const { page } = alice.tab;
    const state = page.locator('.state');
    await alice.openDrawer();
    const code = await alice.create('Alice', 'piano');
    const bob = await theatre.enter();
    await bob.join(code, 'Bob', 'drums');
    await expectText(state, 'now', code, 'Alice, piano (host)', 'Bob, drums', 'open, websocket');
    await expectText(state, 'Next ping due', 'Times out at', 'resting');
    await expectText(state, 'Server metrics', 'Sessions', 'Musicians');
    await page.locator('.row').filter({ hasText: /pong$/ }).first().waitFor();
    await bob.card.getByRole('radio', { name: 'bass' }).check();
    await expectText(state, 'Bob, bass');
    await alice.leave();
    await expectText(state, 'Not in a session');

    const back = () => page.getByRole('button', { name: 'One message back' }).click();
    for (const moment of ['Bob, bass', 'Bob, drums', 'Not in a session']) {
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

  for (const [words, options] of [['', []], [' that keeps no seats', ['--reconnect-grace', '0']]]) {
    it(`outlives a restart of the server${words}`, async (t) => {
      let server = await serve(t, { options: ['--drain-timeout', '100', ...options] });
      const theatre = new LiveTheatre(browser, server);
      const alice = await theatre.enter();
      await alice.openDrawer();
      const code = await alice.create('Alice', 'piano');
      await server.stop();
      await alice.seesMessage('The server has closed.', 'Trying again');
      await expectText(alice.tab.page.locator('.state'), 'Not in a session', 'closed');
      server = await serve(t, { port: server.port, options });
      await alice.seesMessage('Your session has ended.', `${code} ended`, 'Create a new session');
      await alice.card.locator('.status.trouble').waitFor();
      const field = alice.card.getByLabel('Code', { exact: true });
      assert.equal(await field.inputValue(), '', 'no code that leads nowhere is offered');
      assert.equal(new URL(alice.tab.page.url()).pathname, '/');
      assert.notEqual(await alice.create('Alice', 'synth'), undefined);
      await alice.sees({ Alice: ['you', 'host', 'synth'] });
      await theatre.close();
      await server.stop();
    });
  }

  it('says that the server is closing, and when', async (t) => {
    const server = await serve(t, { options: ['--drain-timeout', '600000'] });
    const theatre = new LiveTheatre(browser, server);
    const alice = await theatre.enter();
    await alice.create('Alice', 'piano');
    const bob = await theatre.enter();
    await bob.seesMessage('Connected.');
    const before = Date.now();
    const stopped = server.stop();
    await alice.seesMessage('The server is closing.', 'Until then you can play on');
    await bob.seesMessage('The server is closing.', 'You cannot start a session now');
    const words = await alice.card.locator('.status').innerText();
    const [said] = /\d+:\d\d:\d\d [AP]M/.exec(words);
    const expected = await alice.tab.page.evaluate(
      ([from, to]) => [from, to].map((at) => new Date(at).toLocaleTimeString()),
      [before + 600_000, Date.now() + 600_000],
    );
    const day = (time) => Date.parse(`2000-01-01 ${time}`);
    assert.ok(day(said) >= day(expected[0]) && day(said) <= day(expected[1]), words);
    // The server still relays events, and refuses new sessions.
    await alice.play('E4');
    await alice.hears('Alice', 'E4');
    await bob.introduce('Bob', 'drums');
    await bob.card.getByRole('button', { name: 'Create a session' }).click();
    await bob.seesMessage('The server is shutting down');
    await alice.leave();
    await stopped;
    await alice.seesMessage('The server has closed.', 'Trying again');
    const again = await serve(t, { port: server.port });
    await bob.seesMessage('Connected.');
    await alice.seesMessage('Left.');
    await theatre.close();
    await again.stop();
  });

  it('shows the metrics of the server as they are once a session has begun', async (t) => {
    const server = await serve(t);
    const tab = await visit(browser, server.url, {
      // The page's periodic requests are turned off: this test checks those that events cause.
      prepare: (page) =>
        page.addInitScript(() => {
          const plan = window.setTimeout.bind(window);
          window.setTimeout = (run, ms, ...rest) => (ms > 5000 ? 0 : plan(run, ms, ...rest));
        }),
    });
    const alice = new Musician(tab.page.locator('article.device'));
    await alice.openDrawer();
    const metrics = tab.page.locator('.state .properties').last();
    await expectText(metrics, 'Sessions\n0');
    const code = await alice.create('Alice', 'piano');
    await expectText(metrics, 'Sessions\n1', 'Musicians\n1');
    const theatre = new LiveTheatre(browser, server);
    const bob = await theatre.enter();
    await bob.join(code, 'Bob', 'drums');
    await expectText(metrics, 'Sessions\n1', 'Musicians\n2');
    await theatre.close();
    await tab.context.close();
    await server.stop();
  });

  it('says that metrics are not available where a proxy hides them', async (t) => {
    const server = await serve(t);
    const hidden = [
      { status: 404, body: 'Not found' },
      { status: 200, contentType: 'text/html', body: '<!doctype html><title>Jam</title>' },
    ];
    for (const answer of hidden) {
      const tab = await visit(browser, server.url, {
        prepare: async (page) => {
          await page.route('**/metrics', (route) => route.fulfill(answer));
          await page.route('**/healthz', (route) => route.fulfill(answer));
        },
      });
      await new Musician(tab.page.locator('article.device')).openDrawer();
      const state = tab.page.locator('.state');
      await expectText(state, 'Server metrics', 'Not available');
      await expectText(tab.page.locator('.build'), 'does not publish its build');
      assert.doesNotMatch(await state.innerText(), /Sessions|Uptime/);
      await tab.context.close();
    }
    await server.stop();
  });

  it('says when the server does not answer, and connects once it does', async (t) => {
    const server = await serve(t);
    const { page, context } = await visit(browser, `${server.url}tab/`);
    const status = page.locator('.status');
    await expectText(status, 'Connected.');
    await server.stop();
    await page.getByRole('button', { name: 'Live', exact: true }).click();
    await expectText(status, 'Not connected.', 'works without it');
    const again = await serve(t, { port: server.port });
    await expectText(status, 'Connected.');
    await context.close();
    await again.stop();
  });

  it('draws lines that fall with half of the measured round trip', async (t) => {
    const server = await serve(t);
    const theatre = new LiveTheatre(browser, server, (page) =>
      page.routeWebSocket('**/socket.io/**', (socket) => {
        const remote = socket.connectToServer();
        for (const [from, to] of [[socket, remote], [remote, socket]])
          from.onMessage((message) => setTimeout(() => to.send(message), 40));
      }),
    );
    const alice = await theatre.enter();
    const { page } = alice.tab;
    await alice.openDrawer();
    await alice.create('Alice', 'piano');
    const row = (text) => page.locator('.row').filter({ hasText: text }).first();
    const fall = (text) =>
      row(text).locator('line.message').evaluate((line) => line.y2.baseVal.value - line.y1.baseVal.value);
    await expectText(alice.of('Alice').locator('.latency'), 'ms');
    await alice.play('E4');
    await expectText(row('session:event note · 64').locator('.took'), 'ms');
    assert.ok((await fall('session:event note · 64')) > 5);
    assert.equal(await fall('session:create'), 0, 'nothing was measured yet');
    await row('session:event note · 64').click();
    await expectText(page.locator('.message-details'), 'ms on its way');
    await theatre.close();
    await server.stop();
  });

  it('follows the wire again after one has looked back', async (t) => {
    const server = await serve(t);
    const theatre = new LiveTheatre(browser, server);
    const alice = await theatre.enter();
    const { page } = alice.tab;
    await alice.openDrawer();
    await alice.create('Alice', 'piano');
    await page.getByRole('button', { name: 'One message back' }).click();
    await page.getByRole('button', { name: 'Follow live' }).click();
    await alice.play('E4');
    await page.locator('.row').filter({ hasText: 'session:event note · 64' }).waitFor();
    await theatre.close();
    await server.stop();
  });
});

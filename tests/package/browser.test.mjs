// The package in Chromium: in a fresh Vite project, in a page and in a worker, under a strict
// Content Security Policy, and without any network.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launchChromium, makeSite, serveSite, unplugNetwork, visit } from './support/browser.mjs';

const allIsWell = {
  isOwnId: true,
  names: ['Alice', 'Bob'],
  joined: 'Bob',
  replies: 500,
  error: 'Session not found',
  events: ['blob', 'after'],
  binary: [
    ['ArrayBuffer', 0, 1, 255],
    ['ArrayBuffer', 8, 9],
  ],
  disconnect: 'transport close',
  sockets: 2,
};

let project;
let browser;
before(async () => {
  project = await makeSite();
  browser = await launchChromium();
});
after(() => browser?.close());

/** Plays in the page at this address, and expects that nothing goes wrong. */
async function expectToPlay(url, play, prepare = () => {}) {
  const tab = await visit(browser, url);
  try {
    await prepare(tab);
    assert.deepEqual(await tab.page.evaluate((name) => window[name](), play), allIsWell);
    assert.deepEqual(tab.troubles, []);
    return tab;
  } finally {
    await tab.context.close();
  }
}

describe('A Vite build, under a strict Content Security Policy', () => {
  let site;
  before(async () => (site = await serveSite(project, 'build')));
  after(() => site?.stop());

  it('plays in a page', () => expectToPlay(site.url, 'playInPage'));
  it('plays in a worker', () => expectToPlay(site.url, 'playInWorker'));

  for (const play of ['playInPage', 'playInWorker']) {
    it(`makes no request, and needs no network: ${play}`, async () => {
      const { requests } = await expectToPlay(site.url, play, unplugNetwork);
      assert.deepEqual(requests, []);
    });
  }

  it('stays connected when the browser goes offline', async () => {
    const tab = await visit(browser, site.url);
    await tab.page.evaluate(async () => {
      const server = await window.createServer();
      const options = { transports: [server.transport], forceNew: true };
      window.socket = window.io('http://localhost', options);
      window.reasons = [];
      window.socket.on('disconnect', (reason) => window.reasons.push(reason));
      await new Promise((resolve) => window.socket.once('connect', resolve));
      window.addEventListener('offline', () => (window.wentOffline = true));
    });
    await unplugNetwork(tab);
    await tab.page.waitForFunction(() => window.wentOffline);
    const reply = await tab.page.evaluate(() =>
      window.socket.emitWithAck('session:create', { name: 'Alice' }),
    );
    assert.ok(reply.ok);
    assert.deepEqual(await tab.page.evaluate(() => window.reasons), []);
    await tab.context.close();
  });

  it('replays traces', async () => {
    const tab = await visit(browser, site.url);
    const found = await tab.page.evaluate(() => window.replayInPage());
    assert.equal(found.difference, null);
    assert.ok(found.inputs > 3);
    await tab.context.close();
  });

  it('plays with the bundle socket.io.min.js', () =>
    expectToPlay(`${site.url}umd.html`, 'playInPage'));
  it('plays with socket.io.esm.min.js', () => expectToPlay(`${site.url}esm.html`, 'playInPage'));
});

describe("Vite's own server", () => {
  let site;
  before(async () => (site = await serveSite(project, 'dev')));
  after(() => site?.stop());

  it('has pages play', () => expectToPlay(site.url, 'playInPage'));
  it('has workers play', () => expectToPlay(site.url, 'playInWorker'));
  it('has pages play that load downbeat.wasm', async () => {
    const { requests } = await expectToPlay(site.url, 'playSlim');
    assert.ok(requests.some((url) => url.endsWith('downbeat.wasm')));
  });
});

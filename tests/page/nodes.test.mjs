// A server of several nodes: the page says beside each member which one that member is connected to.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import net from 'node:net';
import { fileURLToPath } from 'node:url';
import { after, afterEach, before, describe, it } from 'node:test';

import { Redis } from '../e2e/support/redis.mjs';
import { violations } from './support/axe.mjs';
import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText } from './support/patience.mjs';
import { serve, startServer } from './support/server.mjs';

const shots = fileURLToPath(new URL('../../build/page-shots/', import.meta.url));

/** Waits until exactly these have a tag: `{ Bob: 'b' }`. */
async function showsNodes(musician, nodes) {
  await expectCount(musician.card.locator('.participants .node'), Object.keys(nodes).length);
  for (const [name, node] of Object.entries(nodes)) await isOn(musician, name, node);
}

async function isOn(musician, name, node) {
  const tag = musician.of(name).locator('.node');
  await eventually(
    async () => (await tag.getAttribute('title').catch(() => '')) === `on node ${node}`,
    () => `${name} on node ${node}`,
  );
  assert.equal(await tag.textContent(), `on node ${node}`, 'for screen readers');
}

/** All that the status says from now on. */
async function watchStatus(musician) {
  const status = musician.card.locator('.status');
  await status.evaluate((element) => {
    element.said = [];
    const note = () => element.said.push(element.innerText.replaceAll('\n', ' '));
    new MutationObserver(note).observe(element, { childList: true, subtree: true, characterData: true });
  });
  return () => status.evaluate((element) => element.said);
}

describe('The nodes of members', () => {
  let browser;
  before(async () => {
    await mkdir(shots, { recursive: true });
    browser = await launchChromium();
  });
  after(() => browser?.close());

  describe('as a server could say them', () => {
    let server;
    let tab;
    let alice;
    let says;
    before(async () => (server = await startServer()));
    after(() => server?.stop());
    afterEach(async () => {
      await tab?.context.close();
      assert.deepEqual(tab?.troubles, []);
    });

    /** Alice, in a session in which the server says what a test wants. */
    async function enter(options) {
      let socket;
      tab = await visit(browser, server.url, {
        ...options,
        prepare: (page) =>
          page.routeWebSocket(/socket\.io/, (given) => {
            given.connectToServer();
            socket = given;
          }),
      });
      alice = new Musician(tab.page.locator('article.device'));
      const code = await alice.create('Alice', 'piano');
      says = (event, payload) => socket.send(`42${JSON.stringify([event, payload])}`);
      return { page: tab.page, code };
    }

    const bob = { id: 'bob', name: 'Bob', instrument: 'drums', node: 'b' };
    const carol = { id: 'carol', name: 'Carol', instrument: 'bass', node: 'c3' };

    it('stay through updates, and follow who comes back', async () => {
      const { page, code } = await enter();
      await alice.openDrawer();
      says('session:user-joined', { user: bob });
      says('session:user-joined', { user: carol });
      await showsNodes(alice, { Bob: 'b', Carol: 'c3' });
      await expectText(page.locator('.state'), 'Bob, drums on node b', 'Carol, bass on node c3');
      says('session:user-updated', { user: { ...bob, instrument: 'synth' } });
      await expectText(alice.of('Bob'), 'synth');
      await showsNodes(alice, { Bob: 'b', Carol: 'c3' });
      says('session:user-updated', { user: { ...carol, node: 'a' } });
      await showsNodes(alice, { Bob: 'b', Carol: 'a' });
      // Who is away is on no node.
      says('session:user-left', { userId: 'bob', away: true, graceMs: 60_000 });
      await showsNodes(alice, { Carol: 'a' });
      says('session:user-joined', { user: { ...bob, node: 'a' }, back: true, after: 'carol' });
      await showsNodes(alice, { Bob: 'a', Carol: 'a' });
      // The same for Alice herself, who is back at another node.
      const userId = await page.evaluate(() => JSON.parse(sessionStorage['downbeat-seat']).userId);
      const self = { id: userId, name: 'Alice', instrument: 'piano', node: 'b' };
      const participants = [self, carol];
      const away = [{ id: 'bob', name: 'Bob', instrument: 'drums', graceMs: 60_000 }];
      says('session:joined', { roomCode: code, userId, hostId: userId, participants, away, resumed: true });
      await showsNodes(alice, { Alice: 'b', Carol: 'c3' });
      await alice.card.getByRole('radio', { name: 'synth' }).check();
      await expectText(alice.of('Alice'), 'synth');
      await showsNodes(alice, { Alice: 'b', Carol: 'c3' });
    });

    it('are not there for a server that is alone', async () => {
      await enter();
      const { node: _, ...alone } = bob;
      says('session:user-joined', { user: alone });
      await alice.sees({ Alice: ['host'], Bob: ['drums'] });
      await expectCount(alice.card.locator('.node'), 0);
    });

    it('are text, whatever they are, and move nothing', async () => {
      const { page } = await enter({ viewport: { width: 390, height: 844 } });
      const keys = () => page.locator('.keys').boundingBox();
      const before = await keys();
      const texts = {
        Markup: ['<img src=x onerror=alert(1)>', '<img src=x onerror=…'],
        Wide: ['W'.repeat(500), `${'W'.repeat(19)}…`],
        Turned: ['\u202ea\u200b', 'a'],
        Known: ['__proto__', '__proto__'],
      };
      for (const [name, [node]] of Object.entries(texts))
        says('session:user-joined', { user: { id: name, name, instrument: 'drums', node } });
      await showsNodes(alice, Object.fromEntries(Object.entries(texts).map(([name, [, text]]) => [name, text])));
      const none = [7, true, null, '', '\u200b', ['a'], { type: 'img', props: {}, key: null }];
      for (const [at, node] of none.entries())
        says('session:user-updated', { user: { id: 'Markup', name: `Markup ${at}`, instrument: 'bass', node } });
      await expectText(alice.card.locator('.participants'), `Markup ${none.length - 1}`);
      await expectCount(alice.card.locator('.participants .node'), 3);
      await expectCount(alice.card.locator('.participants img'), 0);
      for (const [width, height] of [[320, 568], [390, 844], [844, 390], [1440, 900]]) {
        await page.setViewportSize({ width, height });
        const heights = await alice.card
          .locator('.participants li')
          .evaluateAll((rows) => rows.map((row) => row.getBoundingClientRect().height));
        assert.equal(new Set(heights).size, 1, `${heights} at ${width}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${width}`);
      }
      await page.setViewportSize({ width: 390, height: 844 });
      assert.deepEqual(await keys(), before, 'the keys stay where they are');
    });

    it('are there for everybody, on small screens and large ones', async () => {
      const { page } = await enter();
      says('session:user-joined', { user: bob });
      says('session:user-joined', { user: carol });
      for (const { id } of [bob, carol]) says('session:event', { userId: id, type: 'note', data: { pitch: 48, velocity: 0.6 } });
      for (const [userId, data] of [['bob', 24], ['carol', 137]]) says('session:event', { userId, type: 'latency', data });
      await expectCount(alice.card.locator('.latency'), 3);
      for (const [width, height] of [[390, 844], [844, 390], [1440, 900]]) {
        await page.setViewportSize({ width, height });
        for (const colorScheme of ['dark', 'light']) {
          await page.emulateMedia({ colorScheme });
          await page.evaluate(() => new Promise(requestAnimationFrame));
          await page.screenshot({ path: `${shots}nodes-${width}x${height}-${colorScheme}.png` });
          assert.deepEqual(await violations(page), [], `${width} × ${height}, ${colorScheme}`);
        }
        const tag = await alice.of('Bob').locator('.node').boundingBox();
        const chip = await alice.of('Bob').boundingBox();
        assert.ok(tag.width > 8 && tag.x + tag.width <= chip.x + chip.width, `in view at ${width}`);
      }
    });
  });

  /** One address in front of all nodes: connections go to the one that is chosen. */
  async function front(t) {
    const open = new Set();
    const proxy = net.createServer((client) => {
      const node = net.connect(proxy.target.port, '127.0.0.1');
      for (const [from, to] of [[client, node], [node, client]]) {
        open.add(from);
        from.on('error', () => {}).on('close', () => (open.delete(from), to.destroy()));
        from.pipe(to);
      }
    });
    await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      proxy.close();
      for (const socket of open) socket.destroy();
    });
    return proxy;
  }

  it('are those of the server: members of one session play together, and outlive a node', async (t) => {
    const redis = await Redis.start();
    t.after(() => redis.close());
    const nodes = {};
    const start = async (name) => {
      const options = ['--redis', redis.url, '--node', name, '--redis-lease', '2000'];
      nodes[name] = await serve(t, { options });
    };
    await start('a');
    await start('b');
    const proxy = await front(t);
    const url = `http://127.0.0.1:${proxy.address().port}/`;
    const tabs = [];
    t.after(() => Promise.all(tabs.map(({ context }) => context.close())));
    const arrive = async (node) => {
      proxy.target = nodes[node];
      const tab = await visit(browser, url);
      tabs.push(tab);
      const musician = new Musician(tab.page.locator('article.device'));
      await musician.seesMessage('Connected.');
      return musician;
    };
    const alice = await arrive('a');
    const code = await alice.create('Alice', 'piano');
    const bob = await arrive('b');
    await bob.join(code, 'Bob', 'drums');
    await showsNodes(bob, { Alice: 'a', Bob: 'b' });
    await isOn(alice, 'Bob', 'b');
    await alice.play('E4');
    await bob.hears('Alice', 'E4');
    await bob.play('Snare');
    await alice.hears('Bob', 'Snare');

    nodes.a.kill();
    await alice.seesMessage('You are back in your seat.');
    await showsNodes(alice, { Alice: 'b', Bob: 'b' });
    await alice.play('G4');
    await bob.hears('Alice', 'G4');
    await bob.play('Kick');
    await alice.hears('Bob', 'Kick');
    assert.deepEqual(tabs[1].troubles, [], 'Bob has not lost his connection');

    // One that is stopped in order says so, and that seats are kept.
    await start('c');
    proxy.target = nodes.c;
    const said = await watchStatus(bob);
    await nodes.b.stop();
    // If one is at the next node before this one has said that it is away, the other hears nothing of that.
    await isOn(bob, 'Bob', 'c');
    assert.match((await said()).join('\n'), /Your seat in .* is kept[^]*You are back in your seat/);
    assert.doesNotMatch((await said()).join('\n'), /closing|closed|not kept/);
    await isOn(alice, 'Alice', 'c');
    await alice.play('A4');
    await bob.hears('Alice', 'A4');
  });
});

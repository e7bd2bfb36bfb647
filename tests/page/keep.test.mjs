// A jam is kept as a file or a link, and played again.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText } from './support/patience.mjs';
import { serve, startServer } from './support/server.mjs';
import { Stranger } from './support/stranger.mjs';
import { LiveTheatre } from './support/theatres.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

describe('A jam is kept', () => {
  let server;
  let browser;
  let folder;
  const tabs = [];
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'downbeat-kept-'));
    server = await startServer();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true });
  });
  afterEach(async () => {
    for (const { context } of tabs) await context.close();
    const troubles = tabs.splice(0).flatMap((tab) => tab.troubles);
    assert.deepEqual(troubles, []);
  });

  const open = async (path = '', options) => {
    const tab = await visit(browser, server.url + path, options);
    tabs.push(tab);
    return tab.page;
  };
  const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
  const members = (page) => page.getByRole('list', { name: 'Members' });
  const trouble = (page) => page.locator('.trouble');
  const openFile = (page, text) =>
    page.getByLabel('File of a kept jam').setInputFiles({
      name: 'a.json',
      mimeType: 'application/json',
      buffer: Buffer.from(text),
    });
  const readKept = async (page) => {
    const [download] = await Promise.all([page.waitForEvent('download'), press(page, 'Save the file')]);
    assert.equal(download.suggestedFilename(), 'downbeat-jam.json');
    const path = join(folder, 'kept.json');
    await download.saveAs(path);
    return readFile(path, 'utf8');
  };
  const listenTo = (page) => page.getByRole('link', { name: 'Listen' }).getAttribute('href');
  const fragmentOf = (url) => url.slice(url.indexOf('jam.html'));

  /** Alice and Bob have played in one tab. */
  async function duet() {
    const page = await open('tab/');
    const alice = new Musician(page.locator('article.device').first());
    const code = await alice.create('Alice', 'piano');
    await press(page, 'Add a device');
    const bob = new Musician(page.locator('article.device').nth(1));
    await bob.join(code, 'Bob', 'drums');
    await alice.sees({ Alice: ['host'], Bob: ['drums'] });
    await alice.play('E4');
    await bob.hears('Alice', 'E4');
    await bob.play('Snare');
    await alice.hears('Bob', 'Snare');
    return { page, code };
  }

  it('in This tab as a file without secrets, which plays with its musicians’ names', async () => {
    const { page, code } = await duet();
    await press(page, 'Keep this jam');
    await expectText(page.locator('.kept'), 'Alice, Bob', '2 notes', 'The link has all of it');
    const text = await readKept(page);
    assert.deepEqual(JSON.parse(text).members, [['Alice', 'piano'], ['Bob', 'drums']]);
    assert.deepEqual(JSON.parse(text).pitch, [64, 38]);
    assert.ok(!text.includes(code), 'without the code of the session');
    const ids = await page.locator('.state code').allInnerTexts();
    assert.equal(ids.length, 2);
    for (const id of ids) assert.ok(!text.includes(id), 'without ids');

    const player = await open('jam.html');
    await openFile(player, text);
    await expectText(members(player), 'Alice', 'piano', 'Bob', 'drums');
    await press(player, 'Play');
    await expectText(members(player), 'E4', 'Snare');
    await player.getByRole('button', { name: 'Play', exact: true }).waitFor();
  });

  it('as a link that needs no server but for the page', async () => {
    const { page } = await duet();
    await press(page, 'Keep this jam');
    const url = await listenTo(page);
    assert.ok(url.length < 1000, `${url.length} letters`);
    const player = await open(fragmentOf(url));
    await expectText(player.getByRole('heading', { level: 1 }), 'Alice, Bob');
    await press(player, 'Play');
    await expectText(members(player), 'E4', 'Snare');
  });

  it('in Live, from the messages of one device', async () => {
    const theatre = new LiveTheatre(browser, server);
    const alice = await theatre.enter();
    const code = await alice.create('Alice', 'piano');
    const bob = await theatre.enter();
    await bob.join(code, 'Bob', 'bass');
    await alice.sees({ Alice: ['host'], Bob: ['bass'] });
    await bob.play('C2');
    await alice.hears('Bob', 'C2');
    await alice.play('E4');
    await bob.hears('Alice', 'E4');
    const { page } = alice.tab;
    await press(page, 'Menu');
    await press(page, 'Keep this jam');
    await expectText(page.locator('.kept'), 'Alice, Bob', '2 notes');
    const { members: kept, pitch } = JSON.parse(await readKept(page));
    assert.deepEqual(kept, [['Alice', 'piano'], ['Bob', 'bass']]);
    assert.deepEqual(pitch, [36, 64]);
    await theatre.close();
    assert.deepEqual(theatre.troubles, []);
  });

  it('of which a link holds the end, if there is too much', async (t) => {
    const unlimited = await serve(t, { options: ['--max-events-per-second', '0'] });
    const theatre = new LiveTheatre(browser, unlimited);
    const alice = await theatre.enter();
    const code = await alice.create('Alice', 'piano');
    await alice.play('E4');
    const many = await Stranger.enter(browser, unlimited, { name: 'Many', instrument: 'synth', code });
    await alice.sees({ Alice: ['host'], Many: ['synth'] });
    // Without a pattern, so that they cannot be compressed away, however many come at one moment.
    let state = 1;
    const random = (most) => ((state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8) % most;
    const notes = Array.from({ length: 1200 }, () => ({
      pitch: 24 + random(80),
      velocity: random(101) / 100,
    }));
    await many.play(...notes.map((note) => ['note', note]), ['note', { pitch: 127 }]);
    await alice.hears('Many', 'G9');
    const { page } = alice.tab;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate(() => Object.defineProperty(navigator, 'share', { value: undefined }));
    await press(page, 'Menu');
    await press(page, 'Keep this jam');
    await expectText(page.locator('.kept'), '1202 notes', 'The link holds the last', 'the file all of it');
    assert.equal(JSON.parse(await readKept(page)).pitch.length, 1202);
    await press(page, 'Share a link to it');
    await expectText(page.locator('.kept .said'), 'Link copied.');
    const url = await page.evaluate(() => navigator.clipboard.readText());
    assert.ok(url.length <= 2000, `${url.length} letters`);
    assert.ok(url.length > 1900, `${url.length} letters: there was room for more`);
    const player = await open(fragmentOf(url));
    await expectText(player.getByRole('heading', { level: 1 }), 'Many');
    assert.deepEqual(await members(player).locator('.who').allInnerTexts(), ['Many'], 'who plays in this part');
    await many.leave();
    await theatre.close();
    assert.deepEqual(theatre.troubles, []);
    await unlimited.stop();
  });

  it('and is played without a network, once the page has been seen', async () => {
    const page = await open('tab/', { serviceWorkers: 'allow' });
    await new Musician(page.locator('article.device')).create('Ada', 'piano');
    await page.getByRole('button', { name: 'C4', exact: true }).click();
    await press(page, 'Keep this jam');
    const url = await listenTo(page);
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await page.context().setOffline(true);
    await page.goto(url);
    await expectText(members(page), 'Ada', 'piano');
  });

  it('and says so when nothing was played', async () => {
    const page = await open('tab/');
    await press(page, 'Keep this jam');
    await expectText(page.locator('.keep > .said'), 'Nothing has been played yet.');
  });

  describe('and played', () => {
    /** A note each second for so many seconds. */
    const file = (seconds, changes) =>
      JSON.stringify({
        format: 'downbeat jam',
        version: 1,
        tickMs: 100,
        members: [['Ada', 'piano'], ['Bob', 'bass']],
        after: Array(seconds).fill(10),
        length: Array(seconds).fill(5),
        pitch: Array.from({ length: seconds }, (_, at) => 60 + (at % 12)),
        member: Array.from({ length: seconds }, (_, at) => at % 2),
        velocity: Array(seconds).fill(50),
        ...changes,
      });
    const where = (page) => page.locator('.where').innerText();
    /** The fragment of a link with this text in it, so many times. */
    const pack = (page, text, times = 1) =>
      page.evaluate(
        async ([text, times]) => {
          const packed = new Blob([text.repeat(times)]).stream().pipeThrough(new CompressionStream('deflate-raw'));
          const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
          const letters = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
          return btoa(letters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
        },
        [text, times],
      );

    it('from any point, and stops where it is paused', async () => {
      const page = await open('jam.html');
      await openFile(page, file(600));
      await expectText(page.locator('.where'), '0:00 of 10:00');
      const slider = page.getByLabel('Position');
      await slider.fill('300000');
      await expectText(page.locator('.where'), '5:00 of 10:00');
      await press(page, 'Play');
      await eventually(async () => (await where(page)) > '5:01', () => where(page));
      await press(page, 'Pause');
      const paused = await where(page);
      await expectText(members(page), 'Ada', 'Bob');
      // Drawn again, it is where it was.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
      assert.equal(await where(page), paused);
      await slider.fill('0');
      await expectText(page.locator('.where'), '0:00 of 10:00');
    });

    it('from its beginning again at its end', async () => {
      const page = await open('jam.html');
      await openFile(page, file(600));
      await page.getByLabel('Position').fill('600500');
      await expectText(page.locator('.where'), '10:00 of 10:00');
      await press(page, 'Play');
      await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
      assert.match(await where(page), /^[0-4]:/);
    });

    it('is refused in one sentence if the link or the file is broken', async () => {
      const page = await open('jam.html#nonsense');
      await expectText(trouble(page), 'This link is incomplete or damaged');
      await openFile(page, 'hello');
      await expectText(trouble(page), 'This is not a kept jam.');
      await openFile(page, file(2, { pitch: [60, 999] }));
      await expectText(trouble(page), 'damaged: its pitch');
      await openFile(page, file(0));
      await expectText(trouble(page), 'Nobody plays');
      assert.equal(await members(page).count(), 0);
      // And a good one after all of these.
      await openFile(page, file(2));
      await expectCount(members(page).locator('li'), 2);
      assert.equal(await trouble(page).innerText(), '');
    });

    it('is refused if a link unpacks to more than a jam can be, or is cut off', async () => {
      const page = await open('jam.html');
      const [large, whole] = [await pack(page, '[', 2 ** 25), await pack(page, '[', 5000)];
      for (const fragment of [large, whole.slice(0, -4)]) {
        await page.evaluate((hash) => (location.hash = hash), fragment);
        await expectText(trouble(page), 'This link is incomplete or damaged');
        await page.evaluate(() => (location.hash = ''));
        await openFile(page, file(1));
        await expectCount(trouble(page).getByText('damaged'), 0);
      }
    });

    it('is refused in one sentence if a link has thousands of members, or something else than notes', async () => {
      const page = await open('jam.html');
      const crowd = Array.from({ length: 5000 }, (_, at) => [`M${at}`, 'piano']);
      for (const [changes, words] of [
        [{ members: crowd }, 'has 5000 members, and the page plays 200'],
        [{ pitch: [60, 2 ** 53] }, 'damaged: its pitch'],
        [{ length: [5, 1e300] }, 'damaged: its length'],
        [{ velocity: [50, {}] }, 'damaged: its velocity'],
        [{ member: ['0', 1] }, 'damaged: its member'],
        [{ after: { length: 2 } }, 'damaged: its after'],
        [{ members: [['Ada', null]] }, 'damaged: its members'],
      ]) {
        const fragment = await pack(page, file(2, changes));
        await page.evaluate((hash) => (location.hash = hash), fragment);
        await expectText(trouble(page), words);
        assert.equal(await members(page).count(), 0);
      }
    });

    it('plays as much as a file may have, all of it at once, and can be paused', async () => {
      const page = await open('jam.html');
      const count = 100_000;
      const all = (value) => Array(count).fill(value);
      await openFile(
        page,
        file(count, {
          tickMs: 1000,
          members: Array.from({ length: 200 }, (_, at) => ['W'.repeat(200), `${at}`]),
          after: all(0),
          length: all(86_400),
          pitch: Array.from({ length: count }, (_, at) => at % 128),
          member: Array.from({ length: count }, (_, at) => at % 200),
          velocity: all(100),
        }),
      );
      await expectCount(members(page).locator('li'), 200);
      await press(page, 'Play');
      await page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
      await expectText(members(page).locator('li').last(), 'G1');
      await press(page, 'Pause');
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
      await page.getByLabel('Position').fill('43200000');
      await expectText(page.locator('.where'), '720:00 of 1440:00');
    });

    it('shows names as text, whatever they are', async () => {
      const page = await open('jam.html');
      await openFile(page, file(2, { members: [['<img src=x onerror=alert(1)>', '<b>'], ['\u202eevil', '💥'.repeat(90)]] }));
      await expectText(members(page), '<img src=x onerror=alert(1)>', '<b>');
      assert.equal(await page.locator('main img').count(), 0);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
    });

    for (const colorScheme of ['dark', 'light']) {
      for (const [width, height] of [[1440, 900], [390, 844]]) {
        it(`suits ${width} × ${height}, ${colorScheme}`, async () => {
          const page = await open('jam.html', { viewport: { width, height }, colorScheme });
          await openFile(page, file(20));
          await expectCount(members(page).locator('li'), 2);
          await page.evaluate(await readFile(axe, 'utf8'));
          const found = await page.evaluate(() => window.axe.run());
          assert.deepEqual(found.violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), []);
          assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
        });
      }
    }
  });
});

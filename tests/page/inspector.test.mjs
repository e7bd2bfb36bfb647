// The wire, the server's state, time, traces; and robots to have something to see.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText, finalCount } from './support/patience.mjs';
import { serve, startServer } from './support/server.mjs';
import { LiveTheatre } from './support/theatres.mjs';

describe('The inspector', () => {
  let server;
  let browser;
  let tab;
  let page;
  let folder;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'downbeat-page-'));
    server = await startServer();
    browser = await launchChromium();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    tab = await visit(browser, `${server.url}tab/`);
    page = tab.page;
  });
  afterEach(async () => {
    await tab.context.close();
    assert.deepEqual(tab.troubles, []);
  });

  const press = (name) => page.getByRole('button', { name, exact: true }).click();
  const state = () => page.locator('.state');
  const rows = () => page.locator('.rows .row');
  const alice = () => new Musician(page.locator('article.device').first());

  it('shows what crosses the wire, decoded, and its bytes', async () => {
    await alice().create('Alice', 'piano');
    const created = rows().filter({ hasText: 'session:created' });
    await created.click();
    const inspector = page.locator('.message-details');
    await expectText(inspector, 'message', 'EVENT in /', 'session:created', '"roomCode"');
    await expectText(inspector, '0000  34 32 5b', '42["session:crea');
  });

  it('shows the server’s state, now and at any time before', async () => {
    const code = await alice().create('Alice', 'piano');
    await expectText(state(), 'now', '1 session,', code, 'Alice, piano (host)');
    await press('Pause time');
    const slider = page.getByLabel('Position in time');
    await slider.focus();
    await page.keyboard.press('Home');
    await expectText(state(), 'after message 0', '0 sessions, 0 sockets, 0 connections');
    await press('One message forward');
    await expectText(state(), 'after message 1', '1 connection');
    await press('Follow live');
    await expectText(state(), 'now', code);
  });

  it('stops time, and goes on step by step', async () => {
    await alice().seesMessage('Connected.');
    await press('Pause time');
    const before = await finalCount(rows());
    await alice().introduce('Alice', 'piano');
    await alice().card.getByRole('button', { name: 'Create a session' }).click();
    assert.equal(await rows().count(), before);
    await press('Step');
    await expectText(state(), '1 session,');
    assert.equal(await page.locator('.code').count(), 0, 'the answer is on its way');
    await press('Resume time');
    await alice().code();
  });

  it('has robots play along, and slows them down', async () => {
    await press('Start a jam with robots');
    await alice().sees({
      Ada: ['host'],
      'Robo Bop': ['drums'],
      'Robo Low': ['bass'],
      'Robo Keys': ['piano'],
    });
    for (const robot of ['Robo Bop', 'Robo Low', 'Robo Keys']) {
      await eventually(
        async () => (await alice().of(robot).locator('.last-note').innerText()) !== '',
        () => `a note of ${robot}`,
      );
    }
    await press('× 0.1');
    await press('Remove Robo Low');
    await expectCount(page.locator('.participants').first().locator('li'), 3);
  });

  it('delays what crosses a slow link', async () => {
    const code = await alice().create('Alice', 'piano');
    await press('Add a device');
    const bob = new Musician(page.locator('article.device').nth(1));
    await bob.join(code, 'Bob', 'drums');
    await alice().sees({ Alice: ['host'], Bob: ['drums'] });
    const network = bob.card.getByRole('group', { name: 'Connection' });
    for (const [label, most] of [
      ['Latency', '500 ms'],
      ['Jitter', '200 ms'],
    ]) {
      await network.getByLabel(label).focus();
      await page.keyboard.press('End');
      await expectText(network, most);
    }
    await press('Pause time');
    await bob.play('Snare');
    await bob.hears('Bob', 'Snare'); // at home, at once
    // The note needs at least half a second of the server's time, which stands still.
    assert.equal(await alice().of('Bob').locator('.last-note').innerText(), '');
    await press('Resume time');
    await alice().hears('Bob', 'Snare');
  });

  it('draws what is played on the staff, and removes robots', async () => {
    await press('Start a jam with robots');
    await expectCount(page.locator('article.device'), 4);
    const ink = () =>
      page.evaluate(() => {
        const canvas = document.querySelector('.score canvas');
        // A copy: reading from the canvas itself would change how the browser draws on it.
        const { width, height } = canvas;
        const copy = new OffscreenCanvas(width, height).getContext('2d', {
          willReadFrequently: true,
        });
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, width, height);
        return data.filter((value, at) => at % 4 === 3 && value > 200).length;
      });
    await eventually(async () => (await ink()) > 100, async () => `notes, not ${await ink()} dots`);
    await press('Remove the robots');
    await expectCount(page.locator('article.device'), 1);
    await expectCount(page.locator('.participants li'), 1);
  });

  it('verifies, saves and loads a trace', async () => {
    const code = await alice().create('Alice', 'piano');
    await alice().play('E4');
    await alice().leave();
    await alice().seesMessage('Left.');
    await press('Verify');
    await expectText(page.locator('.verdict'), 'Replayed in a second engine', 'messages identical');
    const [, same, all] = /(\d+) of (\d+) messages/.exec(await page.locator('.verdict').innerText());
    assert.equal(same, all);
    assert.ok(Number(all) > 3, `${all} messages`);
    const [download] = await Promise.all([page.waitForEvent('download'), press('Save trace')]);
    const path = join(folder, 'tab.trace');
    await download.saveAs(path);
    assert.match(await readFile(path, 'utf8'), /^downbeat trace 2 /);

    await page.getByLabel('Trace file').setInputFiles(path);
    await expectText(page.locator('.inspector-head'), 'Loaded trace');
    await expectText(state(), '0 sessions, 1 socket');
    for (;;) {
      if ((await state().innerText()).includes(code)) break;
      await press('One message back');
      await eventually(
        async () => /after message \d+/.test(await state().innerText()),
        () => 'the state',
      );
    }
    await press('Verify');
    await expectText(page.locator('.verdict'), 'messages identical');
    await press('Close loaded trace');
    await expectText(page.locator('.inspector-head'), 'Messages');
  });

  it('finds out when a trace was tampered with, and says what is none', async () => {
    await alice().create('Alice', 'piano');
    const [download] = await Promise.all([page.waitForEvent('download'), press('Save trace')]);
    const trace = await readFile(await download.path(), 'utf8');
    const forged = trace.replace('"client connected"', '"client connecter"');
    assert.notEqual(forged, trace);
    const give = (text) =>
      page
        .getByLabel('Trace file')
        .setInputFiles({ name: 'a.trace', mimeType: 'text/plain', buffer: Buffer.from(text) });
    await give(forged);
    await expectText(page.locator('.inspector-head'), 'Loaded trace');
    await press('Verify');
    // Some messages were the same before the first one that is not.
    await expectText(page.locator('.verdict.bad'), 'messages identical, then line');
    assert.match(await page.locator('.verdict').innerText(), /: [1-9]\d* of \d+ messages/);
    await give('something else');
    await expectText(page.locator('.verdict.bad'), 'This is not a trace');
  });

  it('steps through a recording of the native server', async (t) => {
    const path = join(folder, 'native.trace');
    const native = await serve(t, { options: ['--record', path] });
    const theatre = new LiveTheatre(browser, native);
    const musician = await theatre.enter();
    await musician.create('Nadia', 'bass');
    await theatre.close();
    await native.stop();
    await page.getByLabel('Trace file').setInputFiles(path);
    await expectText(page.locator('.inspector-head'), 'Loaded trace');
    await press('Verify');
    await expectText(page.locator('.verdict'), 'messages identical');
    await expectCount(rows().filter({ hasText: 'session:created' }), 1);
    await eventually(
      async () => {
        if ((await state().innerText()).includes('Nadia, bass (host)')) return true;
        await press('One message back');
        return false;
      },
      () => 'the state with Nadia in it',
    );
  });

  it('shows a Live device its own wire', async () => {
    await press('Live');
    await alice().openDrawer();
    await alice().create('Alice', 'piano');
    await expectText(state(), 'Device state now', 'Alice, piano (host)');
    await rows().filter({ hasText: 'session:created' }).click();
    await expectText(page.locator('.message-details'), 'session:created');
    await expectText(state(), 'Device state after message');
  });

  it('says how old the metrics of a Live server are', async () => {
    await press('Live');
    await alice().openDrawer();
    await alice().create('Alice', 'piano');
    await eventually(
      async () => /Server metrics \d+ s ago/.test(await state().innerText()),
      () => state().innerText(),
    );
  });

  const position = async () => /(\d+) of (\d+)/.exec(await page.locator('.count').innerText()).slice(1).map(Number);
  /** Waits until there are more messages than so many. */
  const grows = (than) =>
    eventually(
      async () => (await position())[1] > than,
      () => `more messages than ${than}`,
    );

  it('keeps a row that is clicked where it is, while the jam goes on', async () => {
    await press('Start a jam with robots');
    await expectCount(page.locator('article.device'), 4);
    const note = page.locator('.row.up').filter({ hasText: 'event note' }).last();
    // By the DOM: rows that move are hard to hit for a mouse that waits until they stand still.
    await note.evaluate((row) => row.click());
    const [end, all] = await position();
    const shown = await page.locator('.rows .label').allInnerTexts();
    await grows(all + 50);
    assert.equal((await position())[0], end);
    assert.deepEqual(await page.locator('.rows .label').allInnerTexts(), shown);
    await expectText(page.locator('.message-details'), 'session:event', 'pitch');
    await press('Follow live');
    await eventually(
      async () => (await position())[0] > end + 50,
      () => 'the newest message',
    );
  });

  it('pauses in Live, too', async () => {
    await press('Live');
    await alice().openDrawer();
    await alice().create('Alice', 'piano');
    await press('Pause chart');
    const [end] = await position();
    await alice().play('E4');
    await grows(end);
    assert.equal((await position())[0], end);
    assert.equal(await rows().filter({ hasText: 'event note' }).count(), 0);
    await press('Follow live');
    await rows().filter({ hasText: 'event note' }).waitFor();
  });

  it('folds the messages of a note, hides them, or shows each', async () => {
    const code = await alice().create('Alice', 'piano');
    await press('Add a device');
    const bob = new Musician(page.locator('article.device').nth(1));
    await bob.join(code, 'Bob', 'drums');
    await alice().sees({ Alice: ['host'], Bob: ['drums'] });
    await alice().play('E4');
    await bob.hears('Alice', 'E4');
    const notes = rows().filter({ hasText: 'session:event' });
    await expectCount(notes, 1);
    // The note and its end, each sent by Alice and received by Bob.
    await expectText(notes, 'note · 64');
    await expectText(notes.locator('.many'), '4');
    await notes.click();
    await expectCount(notes, 4);
    await rows().filter({ hasText: 'note-off' }).first().click();
    await expectText(page.locator('.message-details'), 'note-off');
    await press('Hidden');
    await expectCount(notes, 0);
    await expectCount(rows().filter({ hasText: 'session:user-joined' }), 1);
    await press('Every message');
    await expectCount(notes, 4);
  });

  it('draws how long a message was on its way', async () => {
    await alice().create('Alice', 'piano');
    const link = alice().card.getByRole('group', { name: 'Connection' });
    await link.getByLabel('Jitter').focus();
    await page.keyboard.press('Home');
    await alice().play('E4');
    const note = rows().filter({ hasText: 'note · 64' });
    await expectText(note, '20 ms');
    await link.getByLabel('Latency').focus();
    await page.keyboard.press('End');
    await alice().play('G4');
    const slow = rows().filter({ hasText: 'note · 67' });
    await expectText(slow, '500 ms');
    const fall = (row) =>
      row.locator('.message').first().evaluate((line) => line.y2.baseVal.value - line.y1.baseVal.value);
    const [some, more] = [await fall(note), await fall(slow)];
    assert.ok(some > 3, `it falls by ${some} pixels`);
    assert.ok(more > some * 2, `the slower one falls by ${more}`);
  });
});

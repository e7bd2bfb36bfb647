// A lost connection is no leave: who is away keeps the seat, and comes back to it after a drop, a
// reload, or from another tab.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, afterEach, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { Musician } from './support/musician.mjs';
import { eventually, expectCount, expectText, finalCount, patience } from './support/patience.mjs';
import { serve } from './support/server.mjs';
import { Stranger } from './support/stranger.mjs';
import { LiveTheatre, TabTheatre } from './support/theatres.mjs';

/** Watches a row of the participants: whether it is ever replaced, and what it looks like. */
async function watchRow(musician, name) {
  const row = musician.of(name);
  await row.evaluate((li) => {
    const watch = { removed: 0, places: new Set() };
    const list = li.parentElement;
    const place = () => watch.places.add([...list.children].indexOf(li));
    place();
    new MutationObserver((changes) => {
      watch.removed += changes.reduce((sum, { removedNodes }) => sum + removedNodes.length, 0);
      place();
    }).observe(list, { childList: true });
    li.watch = watch;
  });
  return {
    looks: () =>
      row.evaluate((li) => ({
        removed: li.watch.removed,
        places: [...li.watch.places],
        colour: getComputedStyle(li).getPropertyValue('--own'),
        ink: getComputedStyle(li.querySelector('.who')).color,
        moving: li.getAnimations({ subtree: true }).length,
      })),
  };
}

/** Notes what the page's client reads, which the page itself does not show. */
function rememberSecrets(page) {
  return page.addInitScript(() => {
    window.secrets = { pid: new Set(), resumeToken: new Set() };
    const { parse } = JSON;
    JSON.parse = (...given) => {
      const value = parse(...given);
      const payload = Array.isArray(value) ? value[1] : value;
      for (const name of Object.keys(window.secrets)) {
        const one = payload?.[name];
        // The chart reads masked ones.
        if (typeof one === 'string' && !one.startsWith('*')) window.secrets[name].add(one);
      }
      return value;
    };
  });
}

function secretsIn(page, name) {
  return page.evaluate((name) => [...window.secrets[name]], name);
}

describe('A seat', () => {
  let browser;
  let theatre;
  before(async () => (browser = await launchChromium()));
  after(() => browser?.close());
  afterEach(async () => {
    await theatre?.close();
    if (theatre) assert.deepEqual(theatre.troubles, []);
    theatre = undefined;
  });

  /** Musicians in one session, the first one its host, each with a page of its own. */
  async function band(t, options, names) {
    const server = await serve(t, { options });
    theatre = new LiveTheatre(browser, server);
    const members = [];
    let code;
    for (const name of names) {
      const musician = await theatre.enter();
      if (code) await musician.join(code, name, 'drums');
      else code = await musician.create(name, 'piano');
      members.push(musician);
    }
    for (const each of members) await expectCount(each.card.locator('.participants li'), names.length);
    return { server, code, members };
  }

  const button = (musician, name) => musician.card.getByRole('button', { name, exact: true });

  describe('of somebody who is away', () => {
    it('is dimmed and counts down in its place, and is as it was when that one is back', async (t) => {
      const {
        members: [alice, bob],
      } = await band(t, [], ['Alice', 'Bob', 'Carol']);
      await bob.play('Snare');
      await alice.hears('Bob', 'Snare');
      const row = await watchRow(alice, 'Bob');
      // The pulse of the note has ended.
      await eventually(async () => (await row.looks()).moving === 0, () => 'rest');
      const before = await row.looks();
      await alice.openDrawer();
      await theatre.unplug(bob);
      await alice.seesMessage('Bob has lost the connection. The seat is kept for 2\u00a0min.');
      await alice.sees({ Alice: ['host'], Bob: ['away', '1:'], Carol: [] });
      await expectText(alice.tab.page.locator('.state'), 'Bob, drums (away)');
      const meanwhile = await row.looks();
      assert.notEqual(meanwhile.ink, before.ink, 'dimmed');
      assert.deepEqual({ ...meanwhile, ink: '' }, { ...before, ink: '' });
      await bob.seesMessage('Reconnecting', 'is kept');
      await theatre.plug(bob);
      await alice.seesMessage('Bob is back.');
      await bob.seesMessage('You are back in your seat.');
      assert.deepEqual(await row.looks(), before, 'nothing has moved');
      await alice.sees({ Alice: ['host'], Bob: ['drums', 'Snare'], Carol: [] });
      await expectCount(alice.card.locator('.away'), 0);
      await alice.play('E4');
      await bob.hears('Alice', 'E4');
    });

    it('is shown to a newcomer, too, and is filled where the server says', async (t) => {
      const {
        code,
        members: [alice, bob],
      } = await band(t, [], ['Alice', 'Bob', 'Carol']);
      await theatre.unplug(bob);
      await alice.sees({ Alice: [], Bob: ['away'], Carol: [] });
      const dora = await theatre.enter();
      await dora.join(code, 'Dora', 'bass');
      await dora.sees({ Alice: ['host'], Bob: ['away'], Carol: [], Dora: ['you'] });
      await theatre.plug(bob);
      await dora.seesMessage('Bob is back.');
      for (const each of [alice, dora]) {
        await expectCount(each.card.locator('.participants li'), 4);
        const names = await each.card.locator('.participants .who').allInnerTexts();
        assert.deepEqual(names, ['Alice', 'Bob', 'Carol', 'Dora']);
      }
    });

    it('leaves the host’s role to another one meanwhile', async (t) => {
      const {
        code,
        members: [alice, bob],
      } = await band(t, [], ['Alice', 'Bob']);
      await theatre.unplug(alice);
      await bob.sees({ Alice: ['away'], Bob: ['acting host'] });
      await bob.seesMessage('Alice has lost the connection.', 'You are the host meanwhile.');
      const carol = await theatre.enter();
      await carol.join(code, 'Carol', 'bass');
      await carol.sees({ Alice: ['away'], Bob: ['acting host'], Carol: ['you'] });
      await theatre.plug(alice);
      await bob.seesMessage('Alice is back.', 'Alice is the host now.');
      await bob.sees({ Alice: ['host'], Bob: ['you'], Carol: [] });
    });

    it('is announced without reading out each second', async (t) => {
      const {
        members: [alice, bob],
      } = await band(t, [], ['Alice', 'Bob']);
      await theatre.unplug(bob);
      await alice.sees({ Alice: [], Bob: ['away'] });
      const timer = alice.of('Bob').getByRole('timer');
      const first = await timer.innerText();
      await eventually(async () => (await timer.innerText()) !== first, () => 'the next second');
      assert.equal(await timer.evaluate((node) => node.closest('[aria-live],[role=status]')), null);
      await alice.card.getByRole('status').filter({ hasText: 'Bob has lost the connection' }).waitFor();
      await theatre.plug(bob);
    });
  });

  describe('that has ended', () => {
    it('says so when one comes back too late, and offers to join again', async (t) => {
      const {
        code,
        members: [alice, bob],
      } = await band(t, ['--reconnect-grace', '1'], ['Alice', 'Bob']);
      await theatre.unplug(bob);
      await alice.seesMessage('Bob did not come back.');
      await alice.sees({ Alice: ['host'] });
      await theatre.plug(bob);
      await bob.seesMessage('Your seat has ended.', `You were away from ${code} for too long.`);
      await button(bob, `Join ${code} again`).click();
      await alice.sees({ Alice: ['host'], Bob: ['drums'] });
      await bob.sees({ Alice: ['host'], Bob: ['you'] });
    });

    it('says that a newcomer has it', async (t) => {
      const {
        code,
        members: [alice, bob],
      } = await band(t, ['--max-participants', '2'], ['Alice', 'Bob']);
      await theatre.unplug(bob);
      await alice.sees({ Alice: [], Bob: ['away'] });
      const carol = await theatre.enter();
      await carol.join(code, 'Carol', 'bass');
      await alice.sees({ Alice: ['host'], Carol: ['bass'] });
      await theatre.plug(bob);
      await bob.seesMessage('Your seat has ended.', `${code} was full while you were away`);
      await button(bob, `Join ${code} again`).click();
      await bob.seesMessage('This session is full');
      await carol.leave();
      await alice.sees({ Alice: ['host'] });
      await bob.join(code, 'Bob', 'drums');
      await alice.sees({ Alice: ['host'], Bob: ['drums'] });
    });

    it('says that one was removed, and what else the server may say', async (t) => {
      const server = await serve(t);
      let socket;
      const tab = await visit(browser, server.url, {
        prepare: (page) =>
          page.routeWebSocket(/socket\.io/, (given) => {
            given.connectToServer();
            socket = given;
          }),
      });
      const alice = new Musician(tab.page.locator('article.device'));
      for (const [reason, words, offer] of [
        ['kicked', 'You were removed from', /^Create a new session$/],
        ['moved', 'for another session', /^Join .* again$/],
        ['unknown', 'ended while you were disconnected', /^Create a new session$/],
        ['a later one', 'You are no longer in', /^Join .* again$/],
      ]) {
        const roomCode = await alice.create('Alice', 'piano');
        // The page is not in the server's view of things, but in that of its user.
        socket.send(`42${JSON.stringify(['session:ended', { roomCode, reason }])}`);
        await alice.seesMessage('has ended.', words, roomCode);
        assert.match(await alice.card.locator('.offer').innerText(), offer);
      }
      await button(alice, 'Join').waitFor();
      await alice.create('Alice', 'piano');
      socket.send('42["session:ended",{"reason":"kicked"}]');
      await button(alice, 'Create a new session').click();
      await alice.sees({ Alice: ['you', 'host'] });
      assert.deepEqual(tab.troubles, []);
      await tab.context.close();
    });
  });

  describe('that another connection has taken over', () => {
    it('waits until the user takes it back', async (t) => {
      const server = await serve(t);
      const tab = await visit(browser, server.url, { prepare: rememberSecrets });
      const alice = new Musician(tab.page.locator('article.device'));
      const code = await alice.create('Alice', 'piano');
      theatre = new LiveTheatre(browser, server);
      const bob = await theatre.enter();
      await bob.join(code, 'Bob', 'drums');
      await alice.sees({ Alice: ['host'], Bob: [] });
      const [pid] = await secretsIn(tab.page, 'pid');
      const stranger = await Stranger.enter(browser, server, { pid });
      await alice.seesMessage('You play elsewhere now.', `has taken your seat in ${code}`);
      await bob.sees({ Alice: ['host'], Bob: ['you'] });
      // One who plays there is the same to the others.
      await stranger.play(['note', { pitch: 64, velocity: 0.8 }]);
      await bob.hears('Alice', 'E4');
      await expectCount(alice.card.locator('.offer button'), 1);
      await button(alice, 'Come back to this tab').click();
      await alice.seesMessage('You are back in your seat.');
      await alice.sees({ Alice: ['you', 'host'], Bob: [] });
      await alice.play('G4');
      await bob.hears('Alice', 'G4');
      await stranger.leave();
      assert.deepEqual(tab.troubles, []);
      await tab.context.close();
    });
  });

  describe('over a reload', () => {
    const resumeTokens = (musician) => secretsIn(musician.tab.page, 'resumeToken');

    async function duet(t, prepare) {
      const server = await serve(t);
      theatre = new LiveTheatre(browser, server, prepare);
      const alice = await theatre.enter();
      const code = await alice.create('Alice', 'synth');
      const bob = await theatre.enter();
      await bob.join(code, 'Bob', 'drums');
      await alice.sees({ Alice: ['host'], Bob: [] });
      return { server, code, alice, bob };
    }

    it('is kept, with name, instrument and place', async (t) => {
      const { code, alice, bob } = await duet(t, rememberSecrets);
      const [token] = await resumeTokens(bob);
      await bob.card.getByRole('radio', { name: 'bass' }).check();
      await alice.sees({ Alice: [], Bob: ['bass'] });
      const row = await watchRow(alice, 'Bob');
      for (let times = 1; times <= 2; ++times) {
        await bob.tab.page.reload();
        await bob.openDrawer();
        await bob.seesMessage('You are back in your seat.');
        await bob.sees({ Alice: ['host', 'synth'], Bob: ['you', 'bass'] });
        await alice.seesMessage('Bob is back.');
        await bob.play('C2');
        await alice.hears('Bob', 'C2');
        await bob.tab.page.locator('.row').filter({ hasText: 'connect with resume token' }).waitFor();
        assert.ok(!(await bob.tab.page.locator('body').innerText()).includes(token));
      }
      const { removed, places } = await row.looks();
      assert.deepEqual({ removed, places }, { removed: 0, places: [1] });
      await bob.leave();
      await alice.sees({ Alice: ['host'] });
      await bob.seesMessage('Left.');
      await bob.tab.page.reload();
      await bob.seesMessage('Create a session, or join one by its code.');
      assert.notEqual(await bob.create('Bob', 'drums'), code);
    });

    it('is kept while the jam in the tab is shown', async (t) => {
      const { alice, bob } = await duet(t);
      const { page } = bob.tab;
      await bob.choose('This tab');
      await page.getByText('its server in this tab').waitFor();
      await page.reload();
      await alice.seesMessage('Bob is back.');
      await page.getByRole('button', { name: 'Live', exact: true }).click();
      await bob.sees({ Alice: ['host'], Bob: ['you', 'drums'] });
    });

    it('is not that of a duplicated tab, which is a new musician', async (t) => {
      const { alice, bob } = await duet(t);
      const [copy] = await Promise.all([
        bob.tab.context.waitForEvent('page'),
        bob.tab.page.evaluate(() => void window.open(location.href)),
      ]);
      copy.setDefaultTimeout(patience);
      const carol = new Musician(copy.locator('article.device'));
      await carol.card.getByRole('button', { name: 'Join', exact: true }).waitFor();
      await carol.introduce('Carol', 'piano');
      await button(carol, 'Join').click();
      await alice.sees({ Alice: [], Bob: ['drums'], Carol: ['piano'] });
      await carol.sees({ Alice: [], Bob: ['drums'], Carol: ['you'] });
      // Each has a seat of its own now.
      await copy.reload();
      await carol.seesMessage('You are back in your seat.');
      await bob.tab.page.reload();
      await bob.seesMessage('You are back in your seat.');
      for (const each of [alice, bob, carol])
        await each.sees({ Alice: [], Bob: ['drums'], Carol: ['piano'] });
    });

    it('asks before a link to another session takes one out of it', async (t) => {
      const { server, code, bob } = await duet(t);
      const { page } = bob.tab;
      await page.goto('about:blank');
      await page.goto(`${server.url}j/OTHER-42`);
      await page.getByRole('dialog').getByText(`Stay in ${code}`).click();
      await bob.sees({ Alice: ['host'], Bob: ['you'] });
      assert.equal(new URL(page.url()).pathname, `/j/${code}`);
    });

    it('says so if the time is over', async (t) => {
      const server = await serve(t, { options: ['--reconnect-grace', '1'] });
      theatre = new LiveTheatre(browser, server);
      const alice = await theatre.enter();
      const code = await alice.create('Alice', 'piano');
      const bob = await theatre.enter();
      await bob.join(code, 'Bob', 'drums');
      await bob.tab.page.goto('about:blank');
      await alice.seesMessage('Bob did not come back.');
      await bob.tab.page.goto(server.url);
      await bob.seesMessage('Your seat has ended.', `You were away from ${code} for too long.`);
      await button(bob, `Join ${code} again`).click();
      await alice.sees({ Alice: ['host'], Bob: [] });
    });

    it('goes to the tab that came last where there are no locks, and can be taken back', async (t) => {
      const { alice, bob } = await duet(t, (page) =>
        page.context().addInitScript(() => delete Navigator.prototype.locks),
      );
      await bob.tab.page.reload();
      await bob.seesMessage('You are back in your seat.');
      const [copy] = await Promise.all([
        bob.tab.context.waitForEvent('page'),
        bob.tab.page.evaluate(() => void window.open(location.href)),
      ]);
      copy.setDefaultTimeout(patience);
      const second = new Musician(copy.locator('article.device'));
      await second.seesMessage('You are back in your seat.');
      await bob.seesMessage('You play elsewhere now.');
      await button(bob, 'Come back to this tab').click();
      await bob.seesMessage('You are back in your seat.');
      await second.seesMessage('You play elsewhere now.');
      await alice.sees({ Alice: ['host'], Bob: ['drums'] });
    });

    it('is lost where the page has no storage, and all else works', async (t) => {
      const { alice, bob } = await duet(t, (page) =>
        page.addInitScript(() => {
          for (const name of ['sessionStorage', 'localStorage'])
            Object.defineProperty(window, name, {
              get() {
                throw new DOMException('blocked', 'SecurityError');
              },
            });
        }),
      );
      await theatre.unplug(bob);
      await alice.sees({ Alice: [], Bob: ['away'] });
      await theatre.plug(bob);
      await bob.seesMessage('You are back in your seat.');
      await bob.tab.page.reload();
      await bob.seesMessage('Create a session, or join one by its code.');
      await alice.sees({ Alice: [], Bob: ['away'] });
    });
  });

  it('is in the chart without its secrets', async (t) => {
    const server = await serve(t);
    const tab = await visit(browser, server.url, { prepare: rememberSecrets });
    const { page } = tab;
    const alice = new Musician(page.locator('article.device'));
    await alice.openDrawer();
    await alice.create('Alice', 'piano');
    await tab.context.setOffline(true);
    await alice.seesMessage('Reconnecting');
    await tab.context.setOffline(false);
    await alice.seesMessage('You are back in your seat.');
    const pids = await secretsIn(page, 'pid');
    assert.equal(pids.length, 1);
    const row = (words) => page.locator('.row').filter({ hasText: words });
    await expectText(row(/session:joined.*resumed/), 'resumed');
    await row('connect with pid').last().waitFor();
    const details = page.locator('.message-details');
    for (const connect of await row('connect with pid').all()) {
      await connect.click();
      await expectText(details, 'CONNECT', '"pid": "****', '****************');
      for (const pid of pids) assert.ok(!(await page.content()).includes(pid.slice(0, 8)));
      await connect.click();
    }
    await tab.context.close();
  });
});

describe('A seat in a tab', () => {
  let server;
  let browser;
  let theatre;
  before(async () => (browser = await launchChromium()));
  after(() => browser?.close());
  afterEach(async () => {
    await theatre.close();
    assert.deepEqual(theatre.troubles, []);
  });

  async function duet(t, prepare) {
    server = await serve(t);
    theatre = new TabTheatre(browser, server, prepare);
    await theatre.open();
    const alice = await theatre.enter();
    const code = await alice.create('Alice', 'piano');
    const bob = await theatre.enter();
    await bob.join(code, 'Bob', 'drums');
    await alice.sees({ Alice: ['host'], Bob: ['drums'] });
    const press = (name) => theatre.tab.page.getByRole('button', { name, exact: true }).click();
    return { alice, bob, code, press, page: theatre.tab.page };
  }

  it('is kept while a device is unplugged, on the server’s time', async (t) => {
    const { alice, bob, press, page } = await duet(t);
    const row = await watchRow(alice, 'Bob');
    await theatre.unplug(bob);
    await alice.sees({ Alice: ['host'], Bob: ['away', '1:'] });
    await bob.seesMessage('Reconnecting', 'is kept');
    await expectText(page.locator('.state'), 'Bob, drums (away)');
    await press('Pause time');
    const timer = alice.of('Bob').getByRole('timer');
    const stopped = await timer.innerText();
    // Time passes here, and not there.
    await page.evaluate((since) => new Promise((resolve) => {
      const look = () => (performance.now() > since + 1100 ? resolve() : requestAnimationFrame(look));
      look();
    }), await page.evaluate(() => performance.now()));
    assert.equal(await timer.innerText(), stopped);
    await press('Resume time');
    await theatre.plug(bob);
    await alice.seesMessage('Bob is back.');
    await bob.seesMessage('You are back in your seat.');
    const { removed, places } = await row.looks();
    assert.deepEqual({ removed, places }, { removed: 0, places: [1] });
    await bob.play('Snare');
    await alice.hears('Bob', 'Snare');
  });

  it('ends when the time is over, which can be watched ten times as fast', async (t) => {
    const { alice, bob, code, press } = await duet(t);
    await press('× 10');
    await theatre.unplug(bob);
    await alice.seesMessage('Bob did not come back.');
    await alice.sees({ Alice: ['host'] });
    await press('Real time');
    await theatre.plug(bob);
    await bob.seesMessage('Your seat has ended.', 'for too long');
    await bob.card.getByRole('button', { name: `Join ${code} again` }).click();
    await alice.sees({ Alice: ['host'], Bob: ['drums'] });
  });

  it('is in a saved trace with other secrets, and replays', async (t) => {
    // All texts of the engine are seen on their way into the page.
    const { alice, bob, press, page } = await duet(t, (page) =>
      page.addInitScript(() => {
        window.secrets = new Set();
        const decode = TextDecoder.prototype.decode;
        TextDecoder.prototype.decode = function (...given) {
          const text = decode.apply(this, given);
          for (const [, secret] of text.matchAll(/(?:pid|resumeToken)\\":\\"([\w-]+)/g)) window.secrets.add(secret);
          for (const [, secret] of text.matchAll(/"0\{\\"sid\\":\\"([\w-]+)/g)) window.secrets.add(secret);
          return text;
        };
      }),
    );
    await theatre.unplug(bob);
    await alice.sees({ Alice: ['host'], Bob: ['away'] });
    await theatre.plug(bob);
    await bob.seesMessage('You are back in your seat.');
    await press('Pause time');
    const labels = async () => {
      await page.locator('.row').filter({ hasText: /resumed/ }).first().waitFor();
      await finalCount(page.locator('.row'));
      return page.locator('.row .label').allInnerTexts();
    };
    const before = await labels();
    const secrets = await page.evaluate(() => [...window.secrets]);
    assert.ok(secrets.length >= 5, 'three connections, two seats');
    const save = async () => {
      const [download] = await Promise.all([page.waitForEvent('download'), press('Save trace')]);
      return readFile(await download.path(), 'utf8');
    };
    const load = (text) =>
      page
        .getByLabel('Trace file')
        .setInputFiles({ name: 'a.trace', mimeType: 'text/plain', buffer: Buffer.from(text) });
    const trace = await save();
    for (const secret of secrets) assert.ok(!trace.includes(secret), secret);
    assert.match(trace, /40\{\\"pid\\":\\"[\w-]{32}/);
    await load(trace);
    await expectText(page.locator('.inspector-head'), 'Loaded trace');
    await press('Verify');
    await expectText(page.locator('.verdict'), 'messages identical');
    assert.deepEqual(await labels(), before, 'the same story');

    // The trace of a server that this engine cannot be: nothing draws other secrets.
    await load(trace.replace(/^downbeat trace 2 .*/, 'downbeat trace 2 {"pingInterval":-1}'));
    await eventually(
      async () => !(await page.locator('.verdict').innerText()).includes('identical'),
      () => 'another trace',
    );
    const masked = await save();
    const ofTrace = [...trace.matchAll(/(?:pid|"0\{\\"sid)\\":\\"([\w-]+)/g)].map(([, one]) => one);
    assert.ok(ofTrace.length >= 5);
    for (const secret of ofTrace) assert.ok(!masked.includes(secret), secret);
    assert.match(masked, /40\{\\"pid\\":\\"\*{32}\\"/);
    assert.doesNotMatch(masked, /"entropy":"0*[1-9a-f]/);
  });
});

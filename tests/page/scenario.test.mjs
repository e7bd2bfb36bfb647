// One script, two worlds: the server in the tab without a network, and the native server.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';

import { launchChromium } from './support/browser.mjs';
import { startServer } from './support/server.mjs';
import { LiveTheatre, TabTheatre } from './support/theatres.mjs';

for (const [title, Theatre] of [
  ['In this tab, without a network', TabTheatre],
  ['Live', LiveTheatre],
]) {
  describe(title, () => {
    let server;
    let browser;
    let theatre;
    before(async () => {
      server = await startServer({ options: ['--max-participants', '3'] });
      browser = await launchChromium();
    });
    after(async () => {
      await browser?.close();
      await server?.stop();
    });
    beforeEach(async () => {
      theatre = new Theatre(browser, server);
      await theatre.open();
    });
    afterEach(async () => {
      await theatre.close();
      assert.deepEqual(theatre.troubles, [], 'the console stays free of errors and warnings');
      assert.deepEqual(theatre.requests, [], 'no network is used');
    });

    it('creates and joins: names, instruments and the host appear on both sides', async () => {
      const alice = await theatre.enter();
      const code = await alice.create('Alice', 'piano');
      await alice.sees({ Alice: ['you', 'host', 'piano'] });
      const bob = await theatre.enter();
      assert.equal(await bob.join(code.toLowerCase().replace('-', ' '), 'Bob', 'drums'), code);
      await alice.sees({ Alice: ['host', 'piano'], Bob: ['drums'] });
      await bob.sees({ Alice: ['host', 'piano'], Bob: ['you', 'drums'] });
    });

    it('carries notes both ways, and changes of instruments', async () => {
      const alice = await theatre.enter();
      const code = await alice.create('Alice', 'piano');
      const bob = await theatre.enter();
      await bob.join(code, 'Bob', 'drums');
      await alice.play('E4');
      await bob.hears('Alice', 'E4');
      await bob.play('Snare');
      await alice.hears('Bob', 'Snare');
      await bob.card.getByRole('radio', { name: 'bass' }).check();
      await alice.sees({ Alice: ['piano'], Bob: ['bass'] });
      await bob.play('C2');
      await alice.hears('Bob', 'C2');
    });

    it('plays from the computer’s keyboard', async () => {
      const alice = await theatre.enter();
      const code = await alice.create('Alice', 'synth');
      const bob = await theatre.enter();
      await bob.join(code, 'Bob', 'bass');
      await alice.card.getByRole('button', { name: 'Leave' }).focus();
      await alice.card.page().keyboard.press('KeyD');
      await bob.hears('Alice', 'E4');
    });

    it('says who leaves, and who is host then', async () => {
      const alice = await theatre.enter();
      const code = await alice.create('Alice', 'piano');
      const bob = await theatre.enter();
      await bob.join(code, 'Bob', 'drums');
      await alice.seesMessage('Bob has joined.');
      await alice.leave();
      await alice.seesMessage('Left.', code);
      await bob.sees({ Bob: ['you', 'host'] });
      await bob.seesMessage('Alice has left. You are the host now.');
    });

    it('comes back after the plug was pulled', async () => {
      const alice = await theatre.enter();
      const code = await alice.create('Alice', 'piano');
      const bob = await theatre.enter();
      await bob.join(code, 'Bob', 'drums');
      await theatre.unplug(bob);
      await bob.seesMessage('Reconnecting');
      await alice.sees({ Alice: ['host'], Bob: ['away'] });
      await theatre.plug(bob);
      await bob.seesMessage('Connected.');
      await alice.sees({ Alice: ['host'], Bob: ['drums'] });
      await bob.sees({ Alice: ['host'], Bob: ['you', 'drums'] });
      await alice.play('G4');
      await bob.hears('Alice', 'G4');
    });

    it('says what to do about a wrong code', async () => {
      const alice = await theatre.enter();
      await alice.tryToJoin('INVALID-99', 'Alice', 'piano');
      await alice.seesMessage('Session not found', 'Check the code');
      await alice.create('Alice', 'piano');
    });

    it('says when a session is full', async () => {
      const alice = await theatre.enter();
      const code = await alice.create('Alice', 'piano');
      for (let count = 1; count < theatre.capacity; ++count) {
        await (await theatre.enter()).join(code, `Player ${count}`, 'drums');
      }
      const late = await theatre.enter();
      await late.tryToJoin(code, 'Late', 'synth');
      await late.seesMessage('This session is full');
    });
  });
}

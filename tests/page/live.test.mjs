// What only a server across a network has: links, restarts.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { launchChromium, visit } from './support/browser.mjs';
import { expectText } from './support/patience.mjs';
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
    await expectText(alice.tab.page.locator('.intro'), 'the same version');
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
    await page.getByRole('button', { name: 'Live' }).click();
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

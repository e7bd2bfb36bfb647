// Where a scenario is played: on devices in one tab without a network, or in a page for each
// musician with the native server between them.
import { visit } from './browser.mjs';
import { Musician } from './musician.mjs';
import { expectCount } from './patience.mjs';

export class TabTheatre {
  capacity = 10;
  troubles = [];

  constructor(browser, server) {
    this.browser = browser;
    this.server = server;
  }

  async open() {
    this.tab = await visit(this.browser, this.server.url);
    this.troubles = this.tab.troubles;
    this.devices = this.tab.page.locator('article.device');
    await expectCount(this.devices, 1);
    await this.tab.page.waitForLoadState('networkidle');
    // From here on there is no network.
    await this.tab.context.setOffline(true);
    await this.tab.page.route('**/*', (route) => route.abort());
    this.tab.requests.length = 0;
    this.count = 0;
  }

  async enter() {
    const at = this.count++;
    if (at > 0) await this.tab.page.getByRole('button', { name: 'Add a device' }).click();
    await expectCount(this.devices, this.count);
    return new Musician(this.devices.nth(at));
  }

  unplug(musician) {
    return musician.card.getByRole('button', { name: 'Unplug' }).click();
  }

  plug(musician) {
    return musician.card.getByRole('button', { name: 'Plug in' }).click();
  }

  get requests() {
    return this.tab.requests;
  }

  close() {
    return this.tab.context.close();
  }
}

export class LiveTheatre {
  capacity = 3;
  requests = [];
  #tabs = [];

  constructor(browser, server) {
    this.browser = browser;
    this.server = server;
  }

  async open() {}

  get troubles() {
    return this.#tabs.flatMap(({ troubles }) => troubles);
  }

  async enter(hash = '') {
    const tab = await visit(this.browser, this.server.url + hash);
    this.#tabs.push(tab);
    await tab.page.getByRole('button', { name: 'Live', exact: true }).click();
    const musician = new Musician(tab.page.locator('article.device'));
    musician.tab = tab;
    return musician;
  }

  unplug({ tab }) {
    return tab.context.setOffline(true);
  }

  async plug({ tab }) {
    await tab.context.setOffline(false);
    // Attempts without a network are errors in the console, as they should be.
    tab.troubles.splice(0);
  }

  async close() {
    for (const { context } of this.#tabs) await context.close();
  }
}

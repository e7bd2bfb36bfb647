// Two ways to run a scenario: on devices in one tab without a network, or with a page for each
// musician and the native server between them.
import { visit } from './browser.mjs';
import { Musician } from './musician.mjs';
import { expectCount } from './patience.mjs';

export class TabTheatre {
  capacity = 10;
  troubles = [];

  constructor(browser, server, prepare) {
    this.browser = browser;
    this.server = server;
    this.prepare = prepare;
  }

  async open() {
    this.tab = await visit(this.browser, `${this.server.url}tab/`, { prepare: this.prepare });
    this.troubles = this.tab.troubles;
    this.devices = this.tab.page.locator('article.device');
    await expectCount(this.devices, 1);
    await this.tab.page.waitForLoadState('networkidle');
    // What the first view does not show is loaded when the browser is idle.
    await this.tab.page.waitForFunction(() =>
      ['share-sheet', 'developer-drawer'].every((name) =>
        performance.getEntriesByType('resource').some((one) => one.name.includes(name) && one.responseEnd > 0),
      ),
    );
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

  constructor(browser, server, prepare) {
    this.browser = browser;
    this.server = server;
    this.prepare = prepare;
  }

  async open() {}

  get troubles() {
    return this.#tabs.flatMap(({ troubles, wasUnplugged }) =>
      // The console may tell of the last attempt without a network when there is one again.
      troubles.filter((text) => !(wasUnplugged && text.includes('ERR_INTERNET_DISCONNECTED'))),
    );
  }

  /** `path` leads into a session: `j/FUNKY-42`. */
  async enter(path = '') {
    const tab = await visit(this.browser, this.server.url + path, { prepare: this.prepare });
    this.#tabs.push(tab);
    const musician = new Musician(tab.page.locator('article.device'));
    musician.tab = tab;
    return musician;
  }

  unplug({ tab }) {
    return tab.context.setOffline(true);
  }

  async plug({ tab }) {
    await tab.context.setOffline(false);
    tab.wasUnplugged = true;
    // Attempts without a network are errors in the console, as they should be.
    tab.troubles.splice(0);
  }

  async close() {
    for (const { context } of this.#tabs) await context.close();
  }
}

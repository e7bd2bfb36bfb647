import { expectCount, expectText } from './patience.mjs';

/** A user of one device on the page: actions, and checks of what the device shows. */
export class Musician {
  constructor(card) {
    this.card = card;
  }

  async introduce(name, instrument) {
    await this.card.getByLabel('Your name').fill(name);
    await this.card.locator('.instruments').getByRole('radio', { name: instrument }).check();
  }

  async create(name, instrument) {
    await this.introduce(name, instrument);
    await this.card.getByRole('button', { name: 'Create a session' }).click();
    return this.code();
  }

  async tryToJoin(code, name, instrument) {
    await this.introduce(name, instrument);
    await this.card.getByLabel('Code', { exact: true }).fill(code);
    await this.card.getByRole('button', { name: 'Join' }).click();
  }

  async join(...how) {
    await this.tryToJoin(...how);
    return this.code();
  }

  async code() {
    const text = await this.card.locator('.code').innerText();
    return /[A-Z0-9]+-[A-Z0-9]+/.exec(text)[0];
  }

  /** Does what is in the menu of *Live*. */
  async choose(item) {
    await this.card.getByRole('button', { name: 'Menu', exact: true }).click();
    await this.card.locator('.menu-items').getByRole('button', { name: item }).click();
  }

  /** Shows the messages and the state of *Live*. */
  openDrawer() {
    return this.choose('For developers');
  }

  leave() {
    return this.card.getByRole('button', { name: 'Leave' }).click();
  }

  play(key) {
    return this.card.getByRole('button', { name: key, exact: true }).click();
  }

  /** Waits until the status says this. */
  seesMessage(...parts) {
    return expectText(this.card.locator('.status'), ...parts);
  }

  /** Waits until exactly these are here: `{ Alice: ['piano', 'host'] }`. */
  async sees(people) {
    const names = Object.keys(people);
    const list = this.card.locator('.participants');
    await expectText(list, ...names.flatMap((name) => [name, ...people[name]]));
    await expectCount(list.locator('li'), names.length);
    for (const name of names) await expectText(this.of(name), ...people[name]);
  }

  /** Waits until this note of this person has arrived. */
  hears(name, note) {
    return expectText(this.of(name).locator('.last-note'), note);
  }

  of(name) {
    return this.card.locator('.participants li').filter({ hasText: name });
  }
}

// Which colours the members of a session have, in Node: the browser only shows them.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';

import { load } from './support/module.mjs';

describe('The colours of members', () => {
  let coloursOf;
  let colourCount;
  before(async () => ({ coloursOf, colourCount } = await load('device/colours.ts')));

  const ids = (count) => Array.from({ length: count }, (_, at) => `member-${at}`);
  const none = new Map();

  it('are all different as far as there are enough', () => {
    const colours = coloursOf(ids(colourCount), none);
    assert.equal(new Set(colours.values()).size, colourCount);
  });

  it('stay while others come and go', () => {
    const before = coloursOf(ids(8), none);
    const after = coloursOf([...ids(8).slice(2), 'newcomer'], before);
    for (const id of ids(8).slice(2)) assert.equal(after.get(id), before.get(id));
    assert.equal(new Set(after.values()).size, 7);
  });

  it('are of every kind where thousands are in a session', () => {
    const colours = coloursOf(ids(5000), none);
    assert.equal(colours.size, 5000);
    const found = [...colours.values()];
    assert.ok(found.every((colour) => colour >= 0 && colour < colourCount));
    assert.equal(new Set(found).size, colourCount);
  });
});

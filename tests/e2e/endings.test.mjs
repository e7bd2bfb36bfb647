// Connections that end, and listeners that throw, over each way.
import assert from 'node:assert/strict';
import { describe } from 'node:test';

import { endings, endsOfTheServer, throwingListeners } from './scenarios/endings.mjs';
import { isCompany, theatre } from './support/theatre.mjs';

// Several nodes do not end together, and keep seats. And what is played goes to another node by another way than a leave.
const playedBeforeTheEnd = [
  'An event sent right before leaving is relayed, then user-left',
  'What comes after the end in the same moment reaches nobody',
];
const ofNodes = Object.entries(endings).filter(([title]) => !playedBeforeTheEnd.includes(title));
assert.equal(ofNodes.length, Object.keys(endings).length - playedBeforeTheEnd.length);
const scenes = isCompany ? Object.fromEntries(ofNodes) : { ...endings, ...endsOfTheServer };

describe('Endings', () => {
  const { everyScene } = theatre('--no-limits', '--drain-timeout', '0');
  everyScene(scenes);
});

describe('Endings without kept seats', { skip: isCompany }, () => {
  const { everyScene } = theatre('--no-limits', '--drain-timeout', '0', '--reconnect-grace', '0');
  everyScene(scenes);
});

describe('Listeners that throw', () => {
  const { everyScene } = theatre('--no-limits');
  everyScene(throwingListeners);
});

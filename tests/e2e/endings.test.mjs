// Connections that end, and listeners that throw, over each way.
import { describe } from 'node:test';

import { endings, throwingListeners } from './scenarios/endings.mjs';
import { theatre } from './support/theatre.mjs';

describe('Endings', () => {
  const { everyScene } = theatre('--no-limits', '--drain-timeout', '0');
  everyScene(endings);
});

describe('Endings without kept seats', () => {
  const { everyScene } = theatre('--no-limits', '--drain-timeout', '0', '--reconnect-grace', '0');
  everyScene(endings);
});

describe('Listeners that throw', () => {
  const { everyScene } = theatre('--no-limits');
  everyScene(throwingListeners);
});

// Malformed input from the stock client, over each way.
import { describe } from 'node:test';

import { malformed } from './scenarios/malformed.mjs';
import { theatre } from './support/theatre.mjs';

describe('Malformed input', () => {
  const { everyScene } = theatre('--no-limits');
  everyScene(malformed);
});

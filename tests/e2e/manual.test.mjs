// The story's manual verification plan in Node, over each way.
import { describe } from 'node:test';

import { manualTests } from './scenarios/manual.mjs';
import { theatre } from './support/theatre.mjs';

describe('Manual verification, in Node', () => {
  const { everyWay } = theatre();
  for (const [title, scene] of Object.entries(manualTests)) everyWay(title, scene);
});

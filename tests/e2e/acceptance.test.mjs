// The story's acceptance criteria, over each way, on a server with its default options.
import { describe } from 'node:test';

import { acceptanceCriteria } from './scenarios/acceptance.mjs';
import { theatre } from './support/theatre.mjs';

describe('Acceptance criteria', () => {
  const { everyWay } = theatre();
  for (const [title, scene] of Object.entries(acceptanceCriteria)) everyWay(title, scene);
});

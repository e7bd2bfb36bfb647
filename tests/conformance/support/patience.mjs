// Waits for messages that must come, and checks that others do not.
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a test waits for a message that must come. A test that passes never waits this long. */
export const patience = 20_000;

export { sleep };

/** The promise's result; rejects after a timeout. */
export function within(promise, what, limit = patience) {
  let timer;
  const impatience = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limit} ms in vain for ${what}`)), limit);
  });
  return Promise.race([promise, impatience]).finally(() => clearTimeout(timer));
}

/** Asks again and again until the answer is truthy, and returns that answer. */
export async function eventually(ask, what, limit = patience) {
  const end = performance.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`waited ${limit} ms in vain for ${what}`);
    await sleep(5);
  }
}

/** The milliseconds that passed since `start`, which was a `performance.now()`. */
export const since = (start) => performance.now() - start;

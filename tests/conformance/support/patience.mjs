// Waiting, for what must come and for what must not.
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a test waits for what must come. A test that passes never waits this long. */
export const patience = 4_000;

export { sleep };

/** The promise's result; rejects if it keeps us waiting. */
export function within(promise, what, limit = patience) {
  let timer;
  const impatience = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${limit} ms in vain for ${what}`)), limit);
  });
  return Promise.race([promise, impatience]).finally(() => clearTimeout(timer));
}

/** The milliseconds that passed since `start`, which was a `performance.now()`. */
export const since = (start) => performance.now() - start;

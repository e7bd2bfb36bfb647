// How long the tests wait for an answer. Generous, because a busy machine is no failure:
// nothing here is measured, and a test that passes never waits this long. More than the 45 s after which
// the stock client misses pings: one whose transport is changing when the server is killed may not notice before.
export const patience = 60_000;

/** The promise's result; rejects after a timeout, with the text of `describe()`. */
export function within(promise, describe, limit = patience) {
  let timer;
  const impatience = new Promise((_, reject) => {
    timer = setTimeout(() => reject(impatient(describe, limit)), limit);
  });
  const result = Promise.race([promise, impatience]).finally(() => clearTimeout(timer));
  // If the test fails before it waits for this promise, a second report would not help.
  result.catch(() => {});
  return result;
}

/** Asks again and again until the answer is truthy, and returns that answer. */
export async function eventually(ask, describe, limit = patience) {
  const end = Date.now() + limit;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw impatient(describe, limit);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function impatient(describe, limit) {
  return new Error(`waited ${limit / 1000} s in vain for ${describe()}`);
}

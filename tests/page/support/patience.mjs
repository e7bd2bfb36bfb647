/** How long a test waits for what must come. Generous: a test that passes never waits this long. */
export const patience = 60_000;

/** Waits until a condition is true; after a timeout, fails with the text of `describe`. */
export async function eventually(isSo, describe) {
  const end = Date.now() + patience;
  for (;;) {
    if (await isSo()) return;
    if (Date.now() > end) throw new Error(`waited in vain for ${await describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

/** Waits until an element's text has all of these parts. */
export async function expectText(locator, ...parts) {
  let text = '';
  await eventually(
    async () => {
      text = await locator.innerText().catch(() => '(not there)');
      return parts.every((part) => text.includes(part));
    },
    () => `${JSON.stringify(parts)}; it says ${JSON.stringify(text)}`,
  );
}

export async function expectCount(locator, count) {
  await eventually(
    async () => (await locator.count()) === count,
    async () => `${count} of them, not ${await locator.count()}`,
  );
}

/** How many there are once no more come: what has happened is drawn a little later. */
export async function finalCount(locator) {
  let count;
  await eventually(
    async () => {
      const before = count;
      count = await locator.count();
      if (count === before) return true;
      await new Promise((resolve) => setTimeout(resolve, 200));
      return false;
    },
    () => 'an end of new ones',
  );
  return count;
}

/** Waits until something is so; `describe` says what it was that did not come. */
export async function eventually(isSo, describe, patience = 20_000) {
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

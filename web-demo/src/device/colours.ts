/** How many colours there are for persons, `--person-0` and so on: more than a usual session has members. */
export const colourCount = 12;

/**
 * Gives each member a colour that no other member has, as far as there are enough. It depends on
 * the id, so that most pages choose alike, and stays as long as the member does.
 */
export function coloursOf(
  ids: readonly string[],
  before: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const colours = new Map<string, number>();
  for (const id of ids) {
    const colour = before.get(id);
    if (colour !== undefined) colours.set(id, colour);
  }
  const taken = new Set(colours.values());
  for (const id of ids) {
    if (colours.has(id)) continue;
    let colour = hash(id) % colourCount;
    for (let tries = 1; tries < colourCount && taken.has(colour); ++tries)
      colour = (colour + 1) % colourCount;
    colours.set(id, colour);
    taken.add(colour);
  }
  return colours;
}

function hash(text: string): number {
  let value = 0;
  for (const letter of text) value = (Math.imul(value, 31) + letter.codePointAt(0)!) >>> 0;
  return value;
}

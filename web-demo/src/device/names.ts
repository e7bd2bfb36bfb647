// Names of other participants, which may be any text that the server accepts.

/** Characters without a width, and those that turn the direction of the text after them. */
const invisible = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
const mostInSentence = 20;

/** The longest name that servers accept by default, in code points. */
export const longestName = 32;

/** A name as part of a sentence: short, and without effect on the words after it. */
export function nameInSentence(name: string): string {
  const letters = [...name.replace(invisible, '')];
  if (letters.length <= mostInSentence) return letters.join('');
  return `${letters.slice(0, mostInSentence - 1).join('')}…`;
}

/** The node that a member is connected to, to be shown, if there are several. */
export function nodeOf({ node }: { node?: unknown }): string {
  return typeof node === 'string' ? nameInSentence(node) : '';
}

/** Whether somebody else has this name; capital letters make no difference. */
export function isNameInUse(name: string, others: readonly string[]): boolean {
  return others.some((other) => other.toLowerCase() === name.toLowerCase());
}

/** The name with the first number that makes it nobody else's: `Mia 2`. */
export function freeName(name: string, others: readonly string[]): string {
  const short = [...name].slice(0, longestName - 4).join('').trim();
  let free = name;
  for (let number = 2; isNameInUse(free, others); ++number) free = `${short} ${number}`;
  return free;
}

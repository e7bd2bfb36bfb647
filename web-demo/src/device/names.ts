// Names of other participants, which may be any text that the server accepts.

/** Characters without a width, and those that turn the direction of the text after them. */
const invisible = /[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
const mostInSentence = 20;

/** A name as part of a sentence: short, and without effect on the words after it. */
export function nameInSentence(name: string): string {
  const letters = [...name.replace(invisible, '')];
  if (letters.length <= mostInSentence) return letters.join('');
  return `${letters.slice(0, mostInSentence - 1).join('')}…`;
}

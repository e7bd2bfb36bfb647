const manners = 'Brave Bright Calm Clever Gentle Happy Jolly Lucky Merry Quick Quiet Sunny'.split(' ');
const animals = 'Badger Bear Deer Finch Fox Hare Heron Lark Otter Owl Robin Wren'.split(' ');

/** A name for somebody who has given none yet, such as `Quiet Fox`. */
export function madeUpName(): string {
  const one = (words: string[]) => words[Math.floor(Math.random() * words.length)]!;
  return `${one(manners)} ${one(animals)}`;
}

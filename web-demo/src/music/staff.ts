// Where notes are written: on ten lines, the bass's five and the treble's five above.

/** Steps of the scale from the lowest line, G2, to the highest, F5. */
export const highestLine = 20;
export const lines = [0, 2, 4, 6, 8, 12, 14, 16, 18, 20];

const stepsOfOctave = [0, 0, 1, 1, 2, 3, 3, 4, 4, 5, 5, 6];
const lowestLine = 2 * 7 + 4;

// Drum notation: drums have a line each, cymbals and sticks are crosses.
const drums: Record<number, { step: number; isCross: boolean }> = {
  36: { step: 13, isCross: false }, // kick
  45: { step: 15, isCross: false }, // low tom
  37: { step: 17, isCross: true }, // rim
  38: { step: 17, isCross: false }, // snare
  39: { step: 18, isCross: true }, // clap
  50: { step: 19, isCross: false }, // high tom
  42: { step: 21, isCross: true }, // hat
  46: { step: 22, isCross: true }, // open hat
};

export interface StaffPlace {
  /** Above the lowest line. */
  step: number;
  isCross: boolean;
}

export function placeOn(pitch: number, instrument: string): StaffPlace {
  const drum = instrument === 'drums' ? drums[pitch] : undefined;
  if (drum) return drum;
  const octave = Math.floor(pitch / 12) - 1;
  return { step: octave * 7 + stepsOfOctave[pitch % 12]! - lowestLine, isCross: false };
}

/** The ledger lines of a note between or outside the staves. */
export function ledgersOf(step: number): number[] {
  if (step === 10) return [10];
  const ledgers = [];
  for (let line = -2; line >= step; line -= 2) ledgers.push(line);
  for (let line = highestLine + 2; line <= step; line += 2) ledgers.push(line);
  return ledgers;
}

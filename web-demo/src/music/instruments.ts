export const instruments = ['drums', 'piano', 'bass', 'synth'] as const;
export type Instrument = (typeof instruments)[number];

/**
 * How an instrument sounds and looks. Others may call theirs anything, and what this page does not
 * know is played and drawn like a piano; the name that they gave is shown as text only.
 */
export function kindOf(instrument: string): Instrument {
  return instruments.find((known) => known === instrument) ?? 'piano';
}

export const pads = [
  { pitch: 36, name: 'Kick' },
  { pitch: 38, name: 'Snare' },
  { pitch: 42, name: 'Hat' },
  { pitch: 46, name: 'Open hat' },
  { pitch: 39, name: 'Clap' },
  { pitch: 45, name: 'Low tom' },
  { pitch: 50, name: 'High tom' },
  { pitch: 37, name: 'Rim' },
] as const;

const names = ['C', 'C♯', 'D', 'D♯', 'E', 'F', 'F♯', 'G', 'G♯', 'A', 'A♯', 'B'];

/** As musicians call it: `E4`, or `Snare`. */
export function nameOf(pitch: number, instrument: string): string {
  const pad = instrument === 'drums' && pads.find((each) => each.pitch === pitch);
  return pad ? pad.name : `${names[pitch % 12]}${Math.floor(pitch / 12) - 1}`;
}

export function isBlack(pitch: number): boolean {
  return [1, 3, 6, 8, 10].includes(pitch % 12);
}

/** How many keys a keyboard has: two octaves, and the next note. */
export const keyCount = 25;
const lowestOfAll = 12;
const highestOfAll = 120;

/** Where an instrument's keys begin, so many octaves above where they usually do. */
export function lowestFor(instrument: Instrument, octave: number): number {
  const lowest = (instrument === 'bass' ? 36 : 60) + 12 * octave;
  return lowest < lowestOfAll
    ? lowestOfAll
    : Math.min(lowest, highestOfAll - (keyCount - 1));
}

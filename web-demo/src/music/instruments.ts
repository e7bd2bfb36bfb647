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

/** Where an instrument's keys begin. */
export function lowest(instrument: Instrument): number {
  return instrument === 'bass' ? 36 : 60;
}

export interface Note {
  pitch: number;
  velocity: number;
  isOn: boolean;
}

/** A note, and the participant who plays it. */
export interface Played {
  /** '' is the player of this device. */
  userId: string;
  instrument: string;
  /** The number of the participant's colour. */
  colour: number;
  note: Note;
}

/** The note, if a `session:event` is one: clients may send anything. */
export function readNote(type: unknown, data: unknown): Note | undefined {
  const { pitch, velocity } = (data ?? {}) as { pitch: number; velocity?: unknown };
  if (!Number.isInteger(pitch) || !(pitch >= 0 && pitch <= 127)) return undefined;
  if (type === 'note-off') return { pitch, velocity: 0, isOn: false };
  if (type !== 'note') return undefined;
  const loudness = typeof velocity === 'number' ? Math.min(Math.max(velocity, 0), 1) : 0.8;
  return { pitch, velocity: loudness, isOn: true };
}

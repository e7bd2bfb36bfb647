export interface Note {
  pitch: number;
  velocity: number;
  isOn: boolean;
}

/** A note, and the participant who plays it. */
export interface Played {
  userId: string;
  instrument: string;
  /** The number of the participant's colour. */
  colour: number;
  note: Note;
}

import { computed, signal } from '@preact/signals';
import type { Played } from './note';

export interface WrittenNote {
  at: number;
  until: number | undefined; // it still sounds
  pitch: number;
  instrument: string;
  colour: number;
  userId: string;
}

const most = 400;

/** The notes of the last seconds. */
export class Score {
  readonly notes: WrittenNote[] = [];
  /** Changes with each note. */
  readonly version = signal(0);
  readonly isEmpty = computed(() => this.version.value === 0);

  constructor(readonly now: () => number) {}

  hear({ userId, instrument, colour, note }: Played): void {
    const { pitch, isOn } = note;
    const at = this.now();
    const sounding = this.notes.findLast(
      (each) => each.userId === userId && each.pitch === pitch && each.until === undefined,
    );
    if (sounding) sounding.until = at;
    if (isOn) this.notes.push({ at, until: undefined, pitch, instrument, colour, userId });
    if (this.notes.length > most) this.notes.splice(0, this.notes.length - most);
    this.version.value += 1;
  }

  /** Writes other notes instead, the oldest first. */
  rewrite(notes: readonly WrittenNote[]): void {
    this.notes.splice(0, this.notes.length, ...notes.slice(-most));
    this.version.value += 1;
  }
}

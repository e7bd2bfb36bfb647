import { signal } from '@preact/signals';

/** A sustain pedal: while it is down, notes go on although their keys are released. */
export class Pedal {
  readonly isDown = signal(false);
  #held = new Set<number>();
  #sustained = new Set<number>();

  /** `end` ends a note. */
  constructor(readonly end: (pitch: number) => void) {}

  press(pitch: number): void {
    this.#sustained.delete(pitch);
    this.#held.add(pitch);
  }

  /** Whether the note ends now. */
  release(pitch: number): boolean {
    if (!this.#held.delete(pitch)) return false; // it has ended already
    if (!this.isDown.value) return true;
    this.#sustained.add(pitch);
    return false;
  }

  move(isDown: boolean): void {
    this.isDown.value = isDown;
    if (isDown) return;
    const ended = [...this.#sustained];
    this.#sustained.clear();
    for (const pitch of ended) this.end(pitch);
  }

  /** Ends all notes, those of keys that are down too. */
  releaseAll(): void {
    const ended = [...this.#sustained, ...this.#held];
    this.#sustained.clear();
    this.#held.clear();
    for (const pitch of ended) this.end(pitch);
  }
}

import { signal } from '@preact/signals';
import { colourCount } from '../device/colours';
import { type KeptJam, type KeptNote, lengthOf } from '../keep/kept-jam';
import { Score, type WrittenNote } from '../music/score';
import { sound } from '../music/sound';

const tickMs = 10;
/** What a page in the background has missed is not played all at once. */
const latestMs = 300;
/** A file from a stranger may have all its notes at one time. */
const mostSounding = 64;

/** What was played last by a member, and how many notes before it. */
export interface LastNote {
  pitch: number;
  count: number;
}

/** Plays a kept jam, from any point of it. */
export class JamPlayer {
  readonly lengthMs: number;
  readonly positionMs = signal(0);
  readonly isPlaying = signal(false);
  /** By the member's index. */
  readonly lastNotes = signal<ReadonlyMap<number, LastNote>>(new Map());
  readonly score: Score;

  #startedAt = 0; // when position 0 was, on the scale of performance.now()
  #timer = 0;
  #next = 0; // the first note that is still to come
  #sounding = new Set<KeptNote>();

  constructor(readonly jam: KeptJam) {
    this.lengthMs = lengthOf(jam);
    this.score = new Score(() => this.#nowMs());
  }

  play(): void {
    if (this.isPlaying.value) return;
    if (this.positionMs.value >= this.lengthMs) this.seek(0);
    this.isPlaying.value = true;
    this.#startedAt = performance.now() - this.positionMs.value;
    this.#timer = window.setInterval(() => this.#tick(), tickMs);
    this.#tick();
  }

  pause(): void {
    clearInterval(this.#timer);
    if (this.isPlaying.value) this.positionMs.value = this.#nowMs();
    this.isPlaying.value = false;
    this.#silence();
  }

  seek(positionMs: number): void {
    this.#silence();
    this.positionMs.value = Math.min(Math.max(positionMs, 0), this.lengthMs);
    this.#startedAt = performance.now() - this.positionMs.value;
    const next = this.jam.notes.findIndex(({ atMs }) => atMs >= this.positionMs.value);
    this.#next = next < 0 ? this.jam.notes.length : next;
    this.lastNotes.value = new Map();
    this.#write();
  }

  #nowMs(): number {
    if (!this.isPlaying.peek()) return this.positionMs.peek();
    return Math.min(performance.now() - this.#startedAt, this.lengthMs);
  }

  #tick(): void {
    const now = this.#nowMs();
    this.positionMs.value = now;
    let isChanged = false;
    let last: Map<number, LastNote> | undefined;
    for (const note of this.#sounding) {
      if (note.atMs + note.lengthMs > now) continue;
      this.#sound(note, false);
      isChanged = true;
    }
    const { notes } = this.jam;
    for (; this.#next < notes.length && notes[this.#next]!.atMs <= now; ++this.#next) {
      const note = notes[this.#next]!;
      const { member, pitch, atMs } = note;
      if (now - atMs < latestMs && this.#sounding.size < mostSounding) this.#sound(note, true);
      last ??= new Map(this.lastNotes.value);
      last.set(member, { pitch, count: (last.get(member)?.count ?? 0) + 1 });
      isChanged = true;
    }
    if (last) this.lastNotes.value = last;
    if (isChanged) this.#write();
    if (now >= this.lengthMs) this.pause();
  }

  #sound(note: KeptNote, isOn: boolean): void {
    const { member, pitch, velocity } = note;
    const { instrument } = this.jam.members[member]!;
    if (isOn) this.#sounding.add(note);
    else this.#sounding.delete(note);
    sound({ userId: String(member), instrument, colour: colourOf(member), note: { pitch, velocity, isOn } });
  }

  #silence(): void {
    for (const note of this.#sounding) this.#sound(note, false);
  }

  /** On the staff: what has begun so far. */
  #write(): void {
    const now = this.#nowMs();
    const begun = this.jam.notes.slice(Math.max(0, this.#next - onStaff), this.#next);
    this.score.rewrite(
      begun.map(({ member, atMs, lengthMs, pitch }): WrittenNote => {
        const until = atMs + lengthMs;
        const { instrument } = this.jam.members[member]!;
        return {
          at: atMs,
          until: until > now ? undefined : until,
          pitch,
          instrument,
          userId: String(member),
          colour: colourOf(member),
        };
      }),
    );
  }
}

/** The number of a member's colour. */
export function colourOf(member: number): number {
  return member % colourCount;
}

/** As many notes as a staff shows. */
const onStaff = 400;

import { effect, signal } from '@preact/signals';
import type { Replay, Snapshot } from 'downbeat';
import { engine } from '../jam/engine';
import type { Feed, WireMessage } from './feed';
import { Recording } from './recording';
import { Replayer } from './replayer';

/** Walking through what was recorded: where one is, and what the server's state was there. */
export class Walk {
  /** How many messages are behind; `undefined` follows what is happening now. */
  readonly position = signal<number | undefined>(undefined);
  readonly state = signal<Snapshot | undefined>(undefined);
  readonly selected = signal<WireMessage | undefined>(undefined);
  readonly verdict = signal('');
  readonly isVerified = signal<boolean | undefined>(undefined);
  readonly trouble = signal('');

  #replayer: Replayer | undefined;
  #asked = 0;
  #forget: () => void;

  constructor(
    readonly feed: Feed,
    /** The state now, where there is a server to ask. */
    readonly current?: () => Snapshot | undefined,
  ) {
    if (feed instanceof Recording) this.#replayer = new Replayer(feed.lines);
    if (!this.isGrowing) this.position.value = feed.messages.length;
    this.#forget = effect(() => {
      const position = this.position.value;
      if (position !== undefined) return void this.#look(position);
      void feed.version.value; // whatever is new changes the state
      this.state.value = current?.();
    });
  }

  /** Whether there is a now to follow: a file has none. */
  get isGrowing(): boolean {
    return this.current !== undefined || !this.canReplay;
  }

  get canReplay(): boolean {
    return this.#replayer !== undefined;
  }

  goTo(position: number | undefined): void {
    const last = this.feed.messages.length;
    this.position.value =
      position === undefined ? undefined : Math.min(Math.max(position, 0), last);
  }

  async verify(): Promise<void> {
    this.verdict.value = 'Replaying…';
    this.isVerified.value = undefined;
    const { replay } = await import('downbeat');
    try {
      const found: Replay = await replay([...(this.feed as Recording).lines], {
        wasm: engine(),
      });
      this.isVerified.value = found.difference === null;
      this.verdict.value =
        found.difference === null
          ? `The same, to the letter: ${found.facts} facts led to the same ${found.orders} orders. ` +
            `Digest ${found.digest}.`
          : `Not the same: ${found.difference}`;
    } catch (error) {
      this.isVerified.value = false;
      this.verdict.value = `It cannot be replayed: ${(error as Error).message}`;
    }
  }

  stop(): void {
    this.#forget();
  }

  async #look(position: number): Promise<void> {
    const asked = ++this.#asked;
    // A slider that is drawn asks for many places, and only the last one counts.
    await new Promise((resolve) => setTimeout(resolve, 16));
    if (asked !== this.#asked) return;
    const line = this.feed.messages[position - 1]?.line ?? 0;
    try {
      const state = await this.#replayer?.stateAfter(line);
      if (asked === this.#asked) this.state.value = state;
    } catch (error) {
      this.trouble.value = `This trace cannot be replayed: ${(error as Error).message}`;
    }
  }
}

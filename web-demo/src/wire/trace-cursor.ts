import { effect, signal } from '@preact/signals';
import type { Replay, Snapshot } from 'downbeat-server';
import { engine } from '../server/engine';
import type { MessageLog, WireMessage } from './message-log';
import { Recording } from './recording';
import { Replayer } from './replayer';

export const beginningIsGone =
  'the beginning of the recording was dropped to save memory. Reload the page to start a new one.';

/** A position in a log, and the server's state there. */
export class TraceCursor {
  /** The number of the last message that is shown; `undefined` follows the newest. */
  readonly position = signal<number | undefined>(undefined);
  readonly state = signal<Snapshot | undefined>(undefined);
  /** The number of the message after which it is like that; undefined: now. */
  readonly stateAt = signal<number | undefined>(undefined);
  readonly selected = signal<WireMessage | undefined>(undefined);
  readonly verdict = signal('');
  readonly isVerified = signal<boolean | undefined>(undefined);
  readonly trouble = signal('');

  #replayer: Replayer | undefined;
  #requests = 0;
  #isStopped = false;
  #stopFollowing: () => void;

  constructor(
    readonly log: MessageLog,
    /** The state now, where there is a server to ask. */
    readonly current?: () => Snapshot | undefined,
  ) {
    if (log instanceof Recording) this.#replayer = new Replayer(log.lines);
    if (!this.isGrowing) this.position.value = log.end;
    this.#stopFollowing = effect(() => {
      const position = this.position.value;
      if (position !== undefined) return void this.#showState(position);
      void log.version.value; // changes with each new message
      this.stateAt.value = undefined;
      this.state.value = current?.();
    });
  }

  /** Whether it can follow the newest message: a file has an end. */
  get isGrowing(): boolean {
    return this.current !== undefined || !this.canReplay;
  }

  get canReplay(): boolean {
    return this.#replayer !== undefined;
  }

  /** Whether the recording is complete from its beginning, so that it can be replayed. */
  get isWhole(): boolean {
    return this.log instanceof Recording && this.log.isWhole;
  }

  /** The number of the last message that is shown. */
  get end(): number {
    return Math.max(this.position.value ?? this.log.end, this.log.first);
  }

  goTo(position: number | undefined): void {
    const { first, end } = this.log;
    this.position.value =
      position === undefined ? undefined : Math.min(Math.max(position, first), end);
  }

  /** Shows a message in detail. */
  select(message: WireMessage | undefined): void {
    this.selected.value = message;
  }

  /** Stops following the newest message, at one that is shown. */
  hold(at = this.end): void {
    if (this.position.value === undefined) this.goTo(at);
  }

  /** Asks the server again: time passes without a message, too. */
  refresh(): void {
    if (this.#isStopped) return; // and so is the server
    if (this.position.value === undefined) this.state.value = this.current?.();
  }

  async verify(): Promise<void> {
    if (!this.isWhole) {
      this.isVerified.value = false;
      this.verdict.value = `This trace cannot be replayed: ${beginningIsGone}`;
      return;
    }
    this.verdict.value = 'Replaying…';
    this.isVerified.value = undefined;
    const recording = this.log as Recording;
    const lines = [...recording.lines];
    const sent = recording.messages.filter(({ isUp, kind }) => !isUp && kind !== 'event');
    const { replay } = await import('downbeat-server');
    try {
      const found: Replay = await replay(lines, { wasm: engine() });
      this.isVerified.value = found.difference === null;
      this.verdict.value = verdictOn(found, sent);
    } catch (error) {
      this.isVerified.value = false;
      this.verdict.value = `This trace cannot be replayed: ${(error as Error).message}`;
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#stopFollowing();
  }

  async #showState(position: number): Promise<void> {
    const request = ++this.#requests;
    // A slider that is dragged asks for many positions; only the last one counts.
    await new Promise((resolve) => setTimeout(resolve, 16));
    if (request !== this.#requests) return;
    if (this.canReplay && !this.isWhole) {
      this.state.value = undefined;
      return;
    }
    const line = this.log.at(position)?.line ?? 0;
    try {
      const state = await this.#replayer?.stateAfter(line);
      if (request !== this.#requests) return;
      this.stateAt.value = position;
      this.state.value = state;
    } catch (error) {
      this.trouble.value = `This trace cannot be replayed: ${(error as Error).message}`;
    }
  }
}

/** How many of the messages that the server had sent it sent again, to the letter. */
function verdictOn({ difference }: Replay, sent: readonly WireMessage[]): string {
  const replayed = 'Replayed in a second engine:';
  if (difference === null)
    return `${replayed} ${sent.length} of ${sent.length} messages identical\u00a0✓`;
  const [, line = '1'] = /^line (\d+)/.exec(difference) ?? [];
  const same = sent.filter((message) => message.line + 1 < Number(line)).length;
  return `${replayed} ${same} of ${sent.length} messages identical, then ${difference}`;
}

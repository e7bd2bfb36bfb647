import { signal } from '@preact/signals';
import { withoutSecrets } from './secrets';

/** A message between a client and the server, or the opening or the end of a connection. */
export interface WireMessage {
  time: number; // in milliseconds
  lane: number; // the client, as an index of `lanes`
  isUp: boolean; // to the server
  /** Of `frame`: a text frame without its secrets, a binary one as base64, or a description of an event. */
  kind: 'text' | 'binary' | 'event';
  frame: string;
  /** Its line in the trace, or -1. */
  line: number;
  /** How long it was on its way, in milliseconds, where that was measured. */
  travelMs?: number;
}

/** The most that a log keeps, in bytes: about a quarter of an hour of four robots. */
const defaultBudget = 32 * 2 ** 20;
/** Memory of a message or a line in addition to its characters, in bytes. */
const overhead = 100;

/**
 * The messages so far. Beyond a budget the oldest are dropped. Messages keep their numbers:
 * `first` is how many were dropped.
 */
export class MessageLog {
  readonly messages: WireMessage[] = [];
  readonly lanes: string[] = [];
  /** How many of the oldest messages were dropped. */
  first = 0;
  /** Grows after messages were added, at most every 60 ms. */
  readonly version = signal(0);
  /** Called with messages right before they are dropped. */
  onDrop: (messages: readonly WireMessage[]) => void = () => {};
  /** Called with each message that is added. */
  onAdd: (message: WireMessage) => void = () => {};

  #isUpdatePending = false;
  #cost = 0;

  /** The budget is in bytes. */
  constructor(readonly budget = defaultBudget) {}

  /** The number of all messages so far. */
  get end(): number {
    return this.first + this.messages.length;
  }

  /** Roughly the memory of what is kept, in bytes. */
  get cost(): number {
    return this.#cost;
  }

  /** The message of this number, the first one being 1, if it is kept. */
  at(number: number): WireMessage | undefined {
    return this.messages[number - 1 - this.first];
  }

  laneNamed(name: string): number {
    const at = this.lanes.indexOf(name);
    return at >= 0 ? at : this.lanes.push(name) - 1;
  }

  add(given: WireMessage): void {
    const isText = given.kind === 'text';
    const message = isText ? { ...given, frame: withoutSecrets(given.frame, given.isUp) } : given;
    this.messages.push(message);
    this.onAdd(message);
    this.spend(costOf(message.frame));
    this.touch();
  }

  protected spend(bytes: number): void {
    this.#cost += bytes;
    if (this.#cost > this.budget) this.#dropOldest();
  }

  /** Drops everything older than this message; returns the memory that it had used. */
  protected dropBefore(_message: WireMessage): number {
    return 0;
  }

  protected touch(): void {
    if (this.#isUpdatePending) return;
    this.#isUpdatePending = true;
    setTimeout(() => {
      this.#isUpdatePending = false;
      this.version.value += 1;
    }, 60);
  }

  /** Drops many at once, so that it is rarely needed. The newest message is always kept. */
  #dropOldest(): void {
    while (this.#cost > this.budget * (7 / 8) && this.messages.length > 1) {
      const dropped = this.messages.slice(0, Math.ceil((this.messages.length - 1) / 8));
      this.onDrop(dropped);
      this.messages.splice(0, dropped.length);
      this.first += dropped.length;
      this.#cost -= dropped.reduce((sum, { frame }) => sum + costOf(frame), 0);
      this.#cost -= this.dropBefore(this.messages[0]!);
    }
  }
}

/** The memory that a text takes, in bytes: beyond Latin-1 each character takes two. */
export function costOf(text: string): number {
  return text.length * (/[^\u0000-\u00ff]/.test(text) ? 2 : 1) + overhead;
}

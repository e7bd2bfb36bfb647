import type { Clock } from './clock.js';
import { nextTurn } from './turn.js';

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

/**
 * What is to happen, in the order of its time, and of its planning where times are equal. Nothing
 * happens while it is planned: what is due at once is done in the event loop's next turn, so that
 * clients and server that answer each other without end leave room for everything else.
 */
export class Timeline {
  /** When the server wants to be woken. */
  deadline: number | undefined;

  /** How many things have happened. */
  happened = 0;

  #clock: Clock;
  #onDeadline: () => void;
  #entries: Entry[] = []; // a heap: the first is the next
  #planned = 0;
  #isTurnAwaited = false;
  #isStopped = false;

  constructor(clock: Clock, onDeadline: () => void) {
    this.#clock = clock;
    this.#onDeadline = onDeadline;
  }

  get now(): number {
    return this.#clock.now;
  }

  /** When something happens next. */
  get next(): number | undefined {
    const first = this.#entries[0]?.time;
    if (first === undefined || this.deadline === undefined) return first ?? this.deadline;
    return Math.min(first, this.deadline);
  }

  get isDue(): boolean {
    return this.next !== undefined && this.next <= this.now;
  }

  /** Plans something for a time, or for the next turn if that has come. */
  at(time: number, action: () => void): void {
    this.#push({ time, order: this.#planned++, action });
    this.arm();
  }

  /** Sees to it that what is next will happen. */
  arm(): void {
    if (this.#isStopped || this.#isTurnAwaited) return;
    if (!this.isDue) return this.#clock.wakeAt(this.next, () => this.run());
    this.#isTurnAwaited = true;
    nextTurn(() => {
      this.#isTurnAwaited = false;
      this.run();
    });
  }

  /** Does what is due, but not what that leads to. */
  run(): void {
    if (this.#isStopped) return;
    const { now } = this;
    const end = this.#planned;
    for (;;) {
      const first = this.#entries[0];
      if (first === undefined || first.time > now || first.order >= end) break;
      this.#pop();
      this.#do(first.action);
    }
    if (this.deadline !== undefined && this.deadline <= now) {
      this.deadline = undefined;
      this.#do(this.#onDeadline);
    }
    this.arm();
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#isStopped = true;
    this.#entries = [];
    this.deadline = undefined;
    this.#clock.wakeAt(undefined, () => {});
  }

  /** A listener that throws must not keep the rest from happening. */
  #do(action: () => void): void {
    ++this.happened;
    try {
      action();
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #push(entry: Entry): void {
    const heap = this.#entries;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#entries;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) ++child;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.time < b.time || (a.time === b.time && a.order < b.order);
}

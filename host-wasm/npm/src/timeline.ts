import type { Clock } from './clock.js';
import { queueMacrotask } from './macrotask.js';
import { reportLater } from './report.js';

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

/**
 * Actions in the order of their time, and of their planning where times are equal. None runs
 * within `at`. Each action that is due has a macrotask to itself, as each message of a WebSocket
 * has: the stock client hands a packet to its listeners in a microtask, and if the end of the
 * connection came in the same macrotask, it would have forgotten the packet's acknowledgement by
 * then, and would keep the event for the next connection.
 */
export class Timeline {
  /** When the server wants to be woken. */
  deadline: number | undefined;

  /** Actions that have run. */
  actionsRun = 0;

  /** Rounds so far. A round runs the actions due at its start; those they cause run in the next. */
  rounds = 0;

  #clock: Clock;
  #onDeadline: () => void;
  #entries: Entry[] = []; // a heap: the first is the next
  #planned = 0;
  #roundEnd = 0; // actions planned from here on belong to the next round
  #isInRound = false;
  #isQueued = false;
  #isStopped = false;

  constructor(clock: Clock, onDeadline: () => void) {
    this.#clock = clock;
    this.#onDeadline = onDeadline;
  }

  get now(): number {
    return this.#clock.now;
  }

  /** When the next action or the deadline is due. */
  get next(): number | undefined {
    const first = this.#entries[0]?.time;
    if (first === undefined || this.deadline === undefined) return first ?? this.deadline;
    return Math.min(first, this.deadline);
  }

  get isDue(): boolean {
    return this.next !== undefined && this.next <= this.now;
  }

  /** Plans an action for a time, or for the next macrotask if that has come. */
  at(time: number, action: () => void): void {
    this.#push({ time, order: this.#planned++, action });
    this.arm();
  }

  /** Sets the wake-up for the next action. */
  arm(): void {
    if (this.#isStopped || this.#isQueued) return;
    if (!this.isDue) return this.#clock.wakeAt(this.next, () => this.run());
    this.#isQueued = true;
    queueMacrotask(() => {
      this.#isQueued = false;
      this.run();
    });
  }

  /** Runs the next action that is due. The one after it gets a macrotask of its own. */
  run(): void {
    if (this.#isStopped) return;
    const action = this.#takeNext();
    if (action) this.#do(action);
    this.arm();
  }

  /** Drops all actions; none runs any more. */
  stop(): void {
    this.#isStopped = true;
    this.#entries = [];
    this.deadline = undefined;
    this.#clock.wakeAt(undefined, () => {});
  }

  /**
   * The deadline comes last in its round: answers that are in time reach the server before its
   * timeouts fire, and clients that never stop sending do not delay it for ever.
   */
  #takeNext(): (() => void) | undefined {
    const { now } = this;
    if (!this.#isInRound) {
      this.#isInRound = true;
      this.#roundEnd = this.#planned;
      ++this.rounds;
    }
    const first = this.#entries[0];
    if (first !== undefined && first.time <= now && first.order < this.#roundEnd) {
      this.#pop();
      return first.action;
    }
    this.#isInRound = false;
    if (this.deadline !== undefined && this.deadline <= now) {
      this.deadline = undefined;
      return this.#onDeadline;
    }
    return this.isDue ? this.#takeNext() : undefined;
  }

  /** A listener that throws must not keep the rest from happening. */
  #do(action: () => void): void {
    ++this.actionsRun;
    try {
      action();
    } catch (error) {
      reportLater(error);
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

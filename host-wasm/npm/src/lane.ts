import type { Link } from './link.js';
import type { Timeline } from './timeline.js';

/** One direction of a connection. What is carried arrives in order, as soon as the link allows. */
export class Lane {
  #timeline: Timeline;
  #link: Link;
  #onTheWay: (() => void)[] = [];
  #lastArrival = 0;
  #held = 0; // of those on the way: what would have arrived but for the plug
  #isClosed = false;

  constructor(timeline: Timeline, link: Link) {
    this.#timeline = timeline;
    this.#link = link;
  }

  carry(delivery: () => void): void {
    if (this.#isClosed) return;
    this.#onTheWay.push(delivery);
    const soonest = this.#timeline.now + this.#link.drawDelay();
    this.#lastArrival = Math.max(this.#lastArrival, soonest);
    this.#timeline.at(this.#lastArrival, () => this.#arrive());
  }

  /** Lets go what was held. */
  resume(): void {
    for (; this.#held > 0; --this.#held) {
      this.#timeline.at(this.#timeline.now, () => this.#arrive());
    }
  }

  /** Nothing arrives any more. */
  close(): void {
    this.#isClosed = true;
    this.#onTheWay = [];
    this.#held = 0;
  }

  #arrive(): void {
    if (this.#isClosed) return;
    if (this.#link.isPlugged) this.#onTheWay.shift()?.();
    else ++this.#held;
  }
}

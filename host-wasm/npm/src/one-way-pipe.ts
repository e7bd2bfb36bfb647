import type { Link } from './link.js';
import type { Timeline } from './timeline.js';

/** One direction of a connection. Messages arrive in order, as soon as the link allows. */
export class OneWayPipe {
  #timeline: Timeline;
  #link: Link;
  #inFlight: (() => void)[] = [];
  #lastArrival = 0;
  #held = 0; // deliveries in flight whose time has come while the link was unplugged
  #isClosed = false;

  constructor(timeline: Timeline, link: Link) {
    this.#timeline = timeline;
    this.#link = link;
  }

  carry(delivery: () => void): void {
    if (this.#isClosed) return;
    this.#inFlight.push(delivery);
    const soonest = this.#timeline.now + this.#link.drawDelay();
    this.#lastArrival = Math.max(this.#lastArrival, soonest);
    this.#timeline.at(this.#lastArrival, () => this.#arrive());
  }

  /** Delivers the messages that waited for an unplugged link. */
  resume(): void {
    for (; this.#held > 0; --this.#held) {
      this.#timeline.at(this.#timeline.now, () => this.#arrive());
    }
  }

  /** Discards messages in flight; nothing arrives any more. */
  close(): void {
    this.#isClosed = true;
    this.#inFlight = [];
    this.#held = 0;
  }

  /** Closes, and returns the messages in flight, in order: none on an unplugged link. */
  takeAll(): (() => void)[] {
    const left = this.#link.isPlugged ? this.#inFlight : [];
    this.close();
    return left;
  }

  #arrive(): void {
    if (this.#isClosed) return;
    if (this.#link.isPlugged) this.#inFlight.shift()?.();
    else ++this.#held;
  }
}

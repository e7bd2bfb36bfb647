import { reportLater } from './report.js';

export type TraceListener = (line: string) => void;

/** The lines of a trace: the newest that fit, in whole steps. */
export class Trace {
  #header: string;
  #limit: number;
  #steps: string[] = [];
  #first = 0; // of the steps that are kept
  #size = 0;
  #isCut = false;
  #listeners = new Set<TraceListener>();
  #unsent: string[] = []; // lines that the listeners have not had yet
  #isNotifying = false;

  constructor(header: string, limit: number) {
    this.#header = header;
    this.#limit = limit;
  }

  /** The lines that are kept, the header first. */
  get lines(): string[] {
    const kept = this.#steps.slice(this.#first).flatMap((step) => step.split('\n'));
    const gap = this.#isCut ? ['# what came before this was more than traceLimit'] : [];
    return [this.#header, ...gap, ...kept];
  }

  /** Adds an input and the outputs that followed. */
  add(step: string): void {
    this.#steps.push(step);
    this.#size += step.length + 1;
    while (this.#size > this.#limit) {
      this.#size -= this.#steps[this.#first]!.length + 1;
      this.#steps[this.#first++] = '';
      this.#isCut = true;
    }
    // Only now and then, so that adding a step costs the same however many are kept.
    if (this.#first > 1000 && this.#first * 2 > this.#steps.length) {
      this.#steps = this.#steps.slice(this.#first);
      this.#first = 0;
    }
    if (this.#listeners.size > 0) this.#notify(step);
  }

  /** Calls the listener with each line to come, until the function that it returns is called. */
  listen(listener: TraceListener): () => void {
    const own: TraceListener = (line) => listener(line); // the same function may be added twice
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  /** A listener may make the server step again, as by closing it: those lines come after these. */
  #notify(step: string): void {
    this.#unsent.push(...step.split('\n'));
    if (this.#isNotifying) return;
    this.#isNotifying = true;
    for (let line = this.#unsent.shift(); line !== undefined; line = this.#unsent.shift()) {
      for (const listener of [...this.#listeners]) {
        try {
          if (this.#listeners.has(listener)) listener(line);
        } catch (error) {
          reportLater(error);
        }
      }
    }
    this.#isNotifying = false;
  }
}

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

  constructor(header: string, limit: number) {
    this.#header = header;
    this.#limit = limit;
  }

  /** What is kept of it, the header first. */
  get lines(): string[] {
    const kept = this.#steps.slice(this.#first).flatMap((step) => step.split('\n'));
    const gap = this.#isCut ? ['# what came before this was more than traceLimit'] : [];
    return [this.#header, ...gap, ...kept];
  }

  /** Adds a fact and the orders that followed. */
  add(step: string): void {
    this.#steps.push(step);
    this.#size += step.length + 1;
    while (this.#size > this.#limit) {
      this.#size -= this.#steps[this.#first]!.length + 1;
      this.#steps[this.#first++] = '';
      this.#isCut = true;
    }
    // Now and then, so that a step costs the same however many are kept.
    if (this.#first > 1000 && this.#first * 2 > this.#steps.length) {
      this.#steps = this.#steps.slice(this.#first);
      this.#first = 0;
    }
    if (this.#listeners.size > 0) this.#tell(step);
  }

  /** Calls the listener with each line to come, until the function that it returns is called. */
  listen(listener: TraceListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(step: string): void {
    for (const line of step.split('\n')) {
      for (const listener of this.#listeners) listener(line);
    }
  }
}

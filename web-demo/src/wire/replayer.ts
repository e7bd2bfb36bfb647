import type { Snapshot } from 'downbeat-server';
import { engine } from '../server/engine';

interface Engine {
  create(options: string): string;
  step(input: string): string;
  snapshot(): unknown;
}

/** A second engine that replays a trace, to show what the server's state was at a line. */
export class Replayer {
  #lines: readonly string[];
  #engine: Engine | undefined;
  #at = 0; // index of the first line that the engine has not had

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  async stateAfter(line: number): Promise<Snapshot> {
    // An engine cannot go back: an earlier line needs a replay from the beginning.
    if (!this.#engine || line < this.#at - 1) await this.#restart();
    for (; this.#at <= line; ++this.#at) {
      const text = this.#lines[this.#at]!;
      if (/^\d+ > /.test(text)) this.#engine!.step(text);
    }
    const { connections, application } = this.#engine!.snapshot() as {
      connections: Snapshot['connections'];
      application: Omit<Snapshot, 'connections'>;
    };
    return { ...application, connections };
  }

  async #restart(): Promise<void> {
    const [{ Machine }, module] = await Promise.all([import('downbeat-server/machine'), engine()]);
    const machine = await Machine.start(module);
    const header = this.#lines[0]!;
    machine.create(header.slice(header.indexOf('{')));
    this.#engine = machine;
    this.#at = 1;
  }
}

import { Machine } from './machine.js';
import { usageError } from './usage.js';

/** What a replay found. */
export interface Replay {
  inputs: number;
  outputs: number;
  /** Of all outputs: equal for equal behaviour, here and in the native server. */
  digest: string;
  /** The first difference between the trace and the server, in words; `null` if there is none. */
  difference: string | null;
}

/** The same, as the module names it. */
interface MachineReplay {
  inputs: number;
  outputs: number;
  digest: string;
  difference: string;
}

/**
 * @internal Gives a new server all inputs of a trace, and compares its outputs with those of the
 * trace.
 */
export async function replayTrace(
  trace: string | readonly string[],
  compile: () => Promise<WebAssembly.Module>,
): Promise<Replay> {
  const lines: readonly unknown[] = Array.isArray(trace) ? trace : [trace];
  if (!lines.every((line) => typeof line === 'string')) {
    throw usageError('replay() takes a trace: its text, or its lines');
  }
  const text = lines.join('\n');
  const machine = await Machine.start(await compile());
  const found = machine.replay(text) as MachineReplay;
  const { inputs, outputs, digest, difference } = found;
  return { inputs, outputs, digest, difference: difference || null };
}

import { Machine } from './machine.js';
import { usageError } from './usage.js';

/** What a replay found. */
export interface Replay {
  facts: number;
  orders: number;
  /** Of all that the server ordered: equal for equal behaviour, here and in the native server. */
  digest: string;
  /** Where the trace and the server part, in words; `null` if they agree. */
  difference: string | null;
}

/**
 * @internal Tells a new server all facts of a trace, and compares what it orders with what the trace
 * says.
 */
export async function replayTrace(
  trace: string | readonly string[],
  compile: () => Promise<WebAssembly.Module>,
): Promise<Replay> {
  const text = Array.isArray(trace) ? trace.join('\n') : trace;
  if (typeof text !== 'string') throw usageError('replay() takes a trace: its text, or its lines');
  const machine = await Machine.start(await compile());
  const found = machine.replay(text) as Replay;
  return { ...found, difference: found.difference || null };
}

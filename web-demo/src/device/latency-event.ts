/** The type of the `session:event` in which a device tells the others its latency. */
export const latencyEvent = 'latency';
const mostMs = 60_000;

/** The latency in an event's data, if it is one: clients may send anything. */
export function readLatency(data: unknown): number | undefined {
  return typeof data === 'number' && data >= 0 && data <= mostMs ? Math.round(data) : undefined;
}

/** What a caller did wrong, and what to do instead. */
export function usageError(what: string): TypeError {
  return new TypeError(`downbeat: ${what}`);
}

/** The number, if it is finite and from `least` on. */
export function checkedNumber(value: unknown, name: string, least = 0): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value;
  throw usageError(`${name} must be a number of at least ${least}, not ${show(value)}`);
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/** What a caller did wrong, and what to do instead. */
export function usageError(what: string): TypeError {
  return new TypeError(`downbeat: ${what}`);
}

/** The same of a number that is too small or too large, or has a fraction. */
export function rangeError(what: string): RangeError {
  return new RangeError(`downbeat: ${what}`);
}

/** The number, if it is finite, from 0 on, and no more than `most`. */
export function checkedNumber(value: unknown, name: string, most = Infinity): number {
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw usageError(`${name} must be a number, not ${show(value)}`);
  }
  if (value >= 0 && value <= most && value !== Infinity) return value;
  const range = most === Infinity ? 'a finite number of at least 0' : `a number from 0 to ${most}`;
  throw rangeError(`${name} must be ${range}, not ${value}`);
}

/** A value as an error message shows it, always short. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    default:
      return String(value); // also of a symbol
  }
}

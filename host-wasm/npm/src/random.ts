import { rangeError, show, usageError } from './usage.js';

/** SplitMix64, to the bit what the server's own generator is: for spreading, not for secrets. */
export class SplitMix64 {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = seed;
  }

  /** A whole number of 64 bits. */
  next(): bigint {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  }

  /** A number from 0 on, below 1. */
  fraction(): number {
    return Number(this.next() >> 11n) / 2 ** 53;
  }
}

/** Bytes that the server takes for each request; `core/base/entropy.hpp` says what they are for. */
const entropyBytes = 64;

/** The random values that the host draws. */
export interface RandomSource {
  /** 64 bytes for a new connection, in hexadecimal digits. */
  entropy(): string;

  /** For the jitter and the loss of links. */
  readonly linkRandomness: SplitMix64;
}

/** Makes a source from the states of sessions that a journal has kept. */
export type RandomSourceMaker = (states: readonly string[]) => RandomSource;

/**
 * With a seed the same values in each run; without one, values that nobody can predict. Where
 * sessions have been kept, the values are others: the ids of their members are taken.
 */
export async function randomSourceMaker(seed?: unknown): Promise<RandomSourceMaker> {
  if (seed === undefined) {
    const crypto = await findCrypto();
    return () => unpredictableSource(crypto);
  }
  const checked = checkedSeed(seed);
  return (states) => seededSource(checked ^ digestOf(states));
}

/** FNV-1a, of 64 bits; 0 for nothing. */
function digestOf(states: readonly string[]): bigint {
  let digest = 0n;
  for (const unit of states.join('\n')) {
    digest = BigInt.asUintN(64, (digest ^ BigInt(unit.codePointAt(0)!)) * 0x100000001b3n);
  }
  return digest;
}

function unpredictableSource(crypto: Crypto): RandomSource {
  const draw = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const [linkSeed] = new BigUint64Array(draw(8).buffer) as unknown as [bigint];
  return { entropy: () => hex(draw(entropyBytes)), linkRandomness: new SplitMix64(linkSeed) };
}

function seededSource(seed: bigint): RandomSource {
  const draws = new SplitMix64(seed);
  // Of its own, so that the ids do not depend on how many messages there were.
  const linkRandomness = new SplitMix64(~seed & 0xffff_ffff_ffff_ffffn);
  return {
    entropy() {
      const bytes = new DataView(new ArrayBuffer(entropyBytes));
      for (let at = 0; at < entropyBytes; at += 8) bytes.setBigUint64(at, draws.next(), true);
      return hex(new Uint8Array(bytes.buffer));
    },
    linkRandomness,
  };
}

async function findCrypto(): Promise<Crypto> {
  if (globalThis.crypto) return globalThis.crypto;
  // Node 18 has it elsewhere. Bundlers must not look for it.
  const name = 'node:crypto';
  return (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)).webcrypto;
}

function checkedSeed(seed: unknown): bigint {
  if (typeof seed === 'bigint' && seed >= 0n && seed < 1n << 64n) return seed;
  if (typeof seed === 'number' && Number.isSafeInteger(seed) && seed >= 0) return BigInt(seed);
  const what = `seed must be a whole number from 0 on, or a BigInt of up to 64 bits, not ${show(seed)}`;
  const isNumber = typeof seed === 'bigint' || (typeof seed === 'number' && !Number.isNaN(seed));
  throw isNumber ? rangeError(what) : usageError(what);
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

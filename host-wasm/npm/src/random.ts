import { show, usageError } from './usage.js';

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

/** What the server's host draws. */
export interface Chance {
  /** 32 bytes for a new connection, in hexadecimal digits. */
  entropy(): string;

  /** Draws what becomes of messages on the way. */
  readonly weather: SplitMix64;
}

/** Chance that takes the same course for the same seed, or one that nobody can foretell. */
export async function makeChance(seed?: unknown): Promise<Chance> {
  return seed === undefined ? unforeseeable(await findCrypto()) : foreseeable(checkedSeed(seed));
}

function unforeseeable(crypto: Crypto): Chance {
  const draw = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const [weatherSeed] = new BigUint64Array(draw(8).buffer) as unknown as [bigint];
  return { entropy: () => hex(draw(32)), weather: new SplitMix64(weatherSeed) };
}

function foreseeable(seed: bigint): Chance {
  const draws = new SplitMix64(seed);
  // Of its own, so that the ids do not depend on how many messages there were.
  const weather = new SplitMix64(~seed & 0xffff_ffff_ffff_ffffn);
  return {
    entropy() {
      const bytes = new DataView(new ArrayBuffer(32));
      for (let at = 0; at < 32; at += 8) bytes.setBigUint64(at, draws.next(), true);
      return hex(new Uint8Array(bytes.buffer));
    },
    weather,
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
  throw usageError(
    `seed must be a whole number from 0 on, or a BigInt of up to 64 bits, not ${show(seed)}`,
  );
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

// Random moments that can be had again: DOWNBEAT_SEED=N, or another N each time.
const seed = Number(process.env.DOWNBEAT_SEED ?? Math.floor(Math.random() * 1e9));
console.log(`DOWNBEAT_SEED=${seed}`);

/** Random numbers of this seed and name. */
export function random(name) {
  let state = seed;
  for (const character of name) state = Math.imul(state ^ character.charCodeAt(0), 0x01000193);
  // Marsaglia's xorshift, which must not begin with 0.
  state = state || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  return {
    /** A whole number below this one. */
    below: (count) => Math.floor(next() * count),
    /** Lets up to so many milliseconds pass. */
    pause: (most) => new Promise((resolve) => setTimeout(resolve, next() * most)),
  };
}

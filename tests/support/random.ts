/**
 * Randomness that comes out the same every time.
 *
 * @module
 */
import type { Random } from "../../core/machine.ts";

/** The generator mulberry32 (Tommy Ettinger, public domain): small, even, good enough for tests. */
export function seededRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

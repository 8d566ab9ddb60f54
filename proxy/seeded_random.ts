/**
 * Randomness that comes out the same every time.
 *
 * @module
 */
import type { Random } from "../core/machine.ts";

/**
 * A source of its own for every path, so that what one link draws moves nothing of another, however
 * the two are timed. Generator: mulberry32 (Tommy Ettinger, public domain), seeded by FNV-1a.
 */
export function randomOf(seed: number, path: string): Random {
  let state = hashOf(`${seed}/${path}`);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}

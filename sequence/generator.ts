/**
 * The numbers of a sequence: value(i) = f(seed, i).
 *
 * The generator is Philox4x32-10, which is counter-based: there is no state to carry along, so a session
 * is a few numbers and any server can continue it at any index. Source: Salmon, Moraes, Dror, Shaw,
 * "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011; test vectors from Random123. Its numbers are
 * even and independent; they are not secret.
 *
 * @module
 */

/** 64 bits as two unsigned halves, the low one first. */
export type SequenceSeed = readonly [low: number, high: number];

/**
 * Encrypts a counter of four uint32 with a key of two: one block of Philox4x32-10.
 *
 * @example The published vector of all zeros
 * ```ts
 * import { philox4x32 } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const block = philox4x32([0, 0, 0, 0], [0, 0]);
 * assertEquals(block, [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
 * ```
 */
export function philox4x32(
  counter: readonly [number, number, number, number],
  key: SequenceSeed,
): [number, number, number, number] {
  let [a, b, c, d] = counter;
  let [low, high] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const highA = multiplyHigh(M0, a), lowA = Math.imul(M0, a);
    const highC = multiplyHigh(M1, c), lowC = Math.imul(M1, c);
    a = highC ^ b ^ low;
    b = lowC;
    c = highA ^ d ^ high;
    d = lowA;
    low = (low + W0) | 0;
    high = (high + W1) | 0;
  }
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/**
 * The numbers that belong to `seed`: a function of the index, which may be called in any order.
 *
 * Number i is word i mod 4 of the block with counter (i div 4, 0, 0, 0) and the seed as key.
 *
 * @returns a source of uint32 for indices 0..2^32-1
 *
 * @example
 * ```ts
 * import { numbersOf } from "@heartline/heartline/sequence";
 * import { assertEquals } from "@std/assert";
 *
 * const value = numbersOf([0, 0]);
 * assertEquals([value(0), value(1), value(0)], [0x6627e8d5, 0xe169c58d, 0x6627e8d5]);
 * ```
 */
export function numbersOf(seed: SequenceSeed): (index: number) => number {
  let at = -1;
  let block: readonly number[] = [];
  return (index) => {
    const counter = index >>> 2;
    if (counter !== at) block = philox4x32([at = counter, 0, 0, 0], seed);
    return block[index & 3]!;
  };
}

/** The upper 32 bits of the product of two uint32. */
function multiplyHigh(x: number, y: number): number {
  const lowX = x & 0xffff, highX = x >>> 16, lowY = y & 0xffff, highY = y >>> 16;
  const middle = highX * lowY + ((lowX * lowY) >>> 16);
  const other = lowX * highY + (middle & 0xffff);
  return (highX * highY + (middle >>> 16) + (other >>> 16)) | 0;
}

const ROUNDS = 10;
const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/**
 * A number that a source gave, if it is one.
 *
 * @throws {Error} that names the index and what was given
 *
 * @example
 * ```ts
 * import { checkedNumber } from "@heartline/heartline/sequence";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(checkedNumber(7, 0), 7);
 * assertThrows(() => checkedNumber(-1, 3), Error, "number 3: wanted a whole number in 0..4294967295");
 * ```
 */
export function checkedNumber(value: number, index: number): number {
  if (Number.isInteger(value) && value >= 0 && value < 2 ** 32) return value;
  // Nobody waits for it, also if it fails.
  if (value as unknown instanceof Promise) (value as unknown as Promise<unknown>).catch(() => {});
  throw new Error(
    `number ${index}: wanted a whole number in 0..4294967295, current value is ${shown(value)}`,
  );
}

/** A value of a source that the compiler did not see may be anything. */
function shown(value: unknown): string {
  try {
    return String(value).slice(0, 40);
  } catch {
    return typeof value;
  }
}

/**
 * What a byte costs, and whether it costs more in a long input.
 *
 * A busy machine must not matter, so it takes CPU time of this process, the same number of bytes in long
 * and in short inputs, and the least of several rounds. A quadratic reader takes 32 times as long for the
 * long ones, a linear one as long.
 *
 * @module
 */
import process from "node:process";
import type { Cost, Pick } from "./target.ts";

/** What the most expensive of several inputs costs. */
export interface Price {
  /** Nanoseconds of CPU time for a byte of the long input. */
  readonly perByte: number;
  /** How many times the cost of a byte of the short input that is. */
  readonly growth: number;
  /** The short input. */
  readonly input: Uint8Array;
}

/** A growth above this is no noise; quadratic work has 32, linear work about 1. */
export const MOST_GROWTH = 8;

/** More nanoseconds for a byte than this would make even a limited flood of bytes expensive. */
export const MOST_PER_BYTE = 2_000;

/**
 * Blows up parts of inputs and returns the highest cost per byte and the fastest growth.
 *
 * @param inputs each is blown up in several places
 * @param tries how many places
 */
export function dearest(
  { lengths, work }: Cost,
  inputs: readonly Uint8Array[],
  tries: number,
  pick: Pick,
): { readonly perByte: Price; readonly growth: Price } {
  let perByte: Price = { perByte: 0, growth: 0, input: new Uint8Array(0) }, growth = perByte;
  for (let i = 0; i < tries; i++) {
    const input = inputs[i % inputs.length]!;
    for (const length of lengths) {
      const price = priceOf(work, input, length, pick);
      if (price.perByte > perByte.perByte) perByte = price;
      if (price.growth > growth.growth) growth = price;
    }
  }
  return { perByte, growth };
}

function priceOf(work: Cost["work"], input: Uint8Array, length: number, pick: Pick): Price {
  const from = pick(input.length), to = from + 1 + pick(Math.min(8, input.length - from));
  const short = blownUp(input, from, to, length), long = blownUp(input, from, to, FACTOR * length);
  const times = Math.max(1, Math.round(BYTES / long.length));
  let dear = Infinity, cheap = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    cheap = Math.min(cheap, cpuTime(() => work(short), FACTOR * times) / FACTOR / short.length);
    dear = Math.min(dear, cpuTime(() => work(long), times) / long.length);
  }
  // What is too fast to be timed does not grow.
  const growth = dear * long.length * times < LEAST ? 1 : dear / Math.max(cheap, Number.EPSILON);
  return { perByte: dear / times * 1_000, growth, input: short };
}

/** The input with the part `[from, to)` repeated until all has `length` bytes or a few more. */
function blownUp(input: Uint8Array, from: number, to: number, length: number): Uint8Array {
  const part = input.subarray(from, to);
  const times = Math.max(1, Math.ceil((length - input.length) / part.length));
  const bytes = new Uint8Array(input.length + (times - 1) * part.length);
  bytes.set(input.subarray(0, from));
  for (let i = 0; i < times; i++) bytes.set(part, from + i * part.length);
  bytes.set(input.subarray(to), from + times * part.length);
  return bytes;
}

/** Microseconds that this process computed. */
function cpuTime(work: () => void, times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const FACTOR = 32;
/** So many bytes are read in each round, whatever the length. */
const BYTES = 131_072;
const ROUNDS = 3;
/** Microseconds. */
const LEAST = 500;

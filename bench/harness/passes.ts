/**
 * Something done over and over for a while.
 *
 * This file knows a count and a clock. It does not know what is done.
 *
 * @module
 */

/** Does `pass` after `pass` for a while; returns how much is counted a second. */
export async function passes(pass: () => Promise<void>, count: () => number): Promise<number> {
  const before = count();
  const began = performance.now();
  while (performance.now() - began < RUN) await pass();
  return (count() - before) / (performance.now() - began) * 1000;
}

/** In ms. */
const RUN = 1_000;

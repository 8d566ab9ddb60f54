/**
 * Something done over and over for a while.
 *
 * This file knows a count and the clocks of the machine and of this process. It does not know what is done.
 *
 * @module
 */
import process from "node:process";

/** Does `pass` after `pass` for a while; returns how much is counted a second. */
export async function passes(pass: () => Promise<void>, count: () => number): Promise<number> {
  const before = count();
  const began = performance.now();
  while (performance.now() - began < RUN) await pass();
  return (count() - before) / (performance.now() - began) * 1000;
}

/**
 * Does `pass` after `pass` and returns how many a second of this process's own CPU time: where nothing is
 * waited for, that is the rate on a core which nobody else uses.
 */
export function passesByCpu(pass: () => void): number {
  const before = cpuTime();
  let passes = 0, spent = 0;
  while ((spent = cpuTime() - before) < CPU_RUN) {
    pass();
    passes++;
  }
  return passes / spent * 1000;
}

function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** In ms. */
const RUN = 1_000;
/** In ms: short, so that both sides of a round have the same neighbours. */
const CPU_RUN = 100;

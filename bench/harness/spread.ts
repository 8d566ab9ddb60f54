/**
 * The middle and the ends of a few readings.
 *
 * This file knows order statistics and how numbers are written. It does not know what was read.
 *
 * @module
 */

/** Readings of one thing over several rounds. */
export interface Spread {
  /** The middle one. */
  readonly median: number;
  /** The smallest. */
  readonly min: number;
  /** The largest. */
  readonly max: number;
}

/** Summarizes at least one reading. */
export function spreadOf(readings: readonly number[]): Spread {
  const sorted = readings.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), min: sorted[0]!, max: sorted.at(-1)! };
}

/** The value that a share `q` of ascending values do not exceed. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  return ascending[Math.max(0, Math.ceil(q * ascending.length) - 1)]!;
}

/** `0.93 (0.90..0.95)`. */
export function formatSpread({ median, min, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}..${max.toFixed(digits)})`;
}

/** `412 k/s` for 412,345 a second, `12.3 M/s` for 12,345,678. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} M/s`;
  return `${(perSecond / 1e3).toFixed(0)} k/s`;
}

/**
 * Order statistics of a few readings, and how figures are written.
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

/** The middle one of at least one reading. */
export function medianOf(readings: readonly number[]): number {
  return spreadOf(readings).median;
}

/** What was read in each round, divided by what was read of another side in the same one. */
export function ratioOf(ours: readonly number[], other: readonly number[]): Spread {
  return spreadOf(ours.map((reading, round) => reading / other[round]!));
}

/** The value that a share `q` of ascending values do not exceed. */
export function quantile(ascending: ArrayLike<number>, q: number): number {
  return ascending[Math.max(0, Math.ceil(q * ascending.length) - 1)]!;
}

/** How late things were, in ms but for the count. */
export interface Lateness {
  /** How many there were. */
  readonly count: number;
  /** Half of them were late by no more. */
  readonly p50: number;
  /** 99 in 100 of them were late by no more. */
  readonly p99: number;
  /** The latest. */
  readonly most: number;
}

/** All 0 if nothing was late or in time. */
export function latenessOf(late: readonly number[]): Lateness {
  const sorted = Float64Array.from(late).sort();
  const at = (q: number): number => quantile(sorted, q) ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
}

/** `0.93 (0.90..0.95)`. */
export function formatSpread({ median, min, max }: Spread, digits = 2): string {
  return `${median.toFixed(digits)} (${min.toFixed(digits)}..${max.toFixed(digits)})`;
}

/** The same of readings, `scale` times each. */
export function range(readings: readonly number[], digits = 2, scale = 1): string {
  return formatSpread(spreadOf(readings.map((reading) => scale * reading)), digits);
}

/** `412 k/s` for 412,345 a second, `12.3 M/s` for 12,345,678. */
export function formatRate(perSecond: number): string {
  if (perSecond >= 1e6) return `${(perSecond / 1e6).toFixed(1)} M/s`;
  return `${(perSecond / 1e3).toFixed(0)} k/s`;
}

/** Bytes a second, in MB. */
export function formatBytesRate(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(0)} MB/s`;
}

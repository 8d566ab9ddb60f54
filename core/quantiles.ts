/**
 * Quantiles of delays in a fixed 200 bytes.
 *
 * @module
 */
import { Cells } from "./cells.ts";

/**
 * A log-linear histogram of milliseconds up to 10^5, four buckets an octave: a quantile read from it
 * is within 13 % of the truth, or within 0.01 ms where that is more. When it has counted 60,000 values it halves every count, so
 * that old values fade and no counter overflows.
 *
 * The bucket layout is that of HdrHistogram (Tene), with fewer sub-buckets.
 *
 * @example
 * ```ts
 * import { Quantiles } from "@heartline/heartline/core";
 * import { assert } from "@std/assert";
 *
 * const delays = new Quantiles();
 * for (let ms = 1; ms <= 100; ms++) delays.add(ms);
 * assert(Math.abs(delays.at(0.5)! - 50) <= 50 * 0.13);
 * ```
 */
export class Quantiles {
  /** How many cells it takes. */
  static readonly CELLS: number = 25;

  #cells: Cells;
  #at: number;

  /** Makes a histogram that has counted nothing; its state is kept in `cells`, from `at` on. */
  constructor(cells: Cells = new Cells(Quantiles.CELLS), at = 0) {
    this.#cells = cells;
    this.#at = at;
    this.clear();
  }

  /** The largest value seen, exact. */
  get max(): number {
    return this.#cells.doubles[this.#at + MAX]!;
  }

  /** Moves to the histogram whose state is in `cells`, from `at` on. */
  over(cells: Cells, at: number): void {
    this.#cells = cells;
    this.#at = at;
  }

  /** Forgets everything. */
  clear(): void {
    this.#cells.doubles.fill(0, this.#at, this.#at + Quantiles.CELLS);
  }

  /** Counts one value in milliseconds; a negative one counts as 0. */
  add(ms: number): void {
    const { doubles, shorts } = this.#cells, at = this.#at;
    if (ms > doubles[at + MAX]!) doubles[at + MAX] = ms;
    if (doubles[at + TOTAL] === FADE_AT) this.#fade();
    const bucket = 4 * (at + COUNTS) + bucketOf(ms);
    shorts[bucket] = shorts[bucket]! + 1;
    doubles[at + TOTAL] = doubles[at + TOTAL]! + 1;
  }

  /** The value that a share `q` (0..1) of the counted values do not exceed; `undefined` if none. */
  at(q: number): number | undefined {
    const { doubles, shorts } = this.#cells, first = 4 * (this.#at + COUNTS);
    const total = doubles[this.#at + TOTAL]!;
    if (total === 0) return undefined;
    let left = Math.max(1, Math.ceil(q * total));
    let bucket = 0;
    while ((left -= shorts[first + bucket]!) > 0) bucket++;
    return Math.min(middleOf(bucket), this.max);
  }

  #fade(): void {
    const { doubles, shorts } = this.#cells, first = 4 * (this.#at + COUNTS);
    let total = 0;
    for (let bucket = first; bucket < first + BUCKETS; bucket++) {
      total += shorts[bucket] = shorts[bucket]! >> 1;
    }
    doubles[this.#at + TOTAL] = total;
  }
}

// What is in which cell.
const MAX = 0;
const TOTAL = 1;
/** Four buckets in each cell from here on. */
const COUNTS = 2;

/** Four buckets an octave of hundredths of a millisecond; the first four are linear. */
function bucketOf(ms: number): number {
  const units = ms < LARGEST ? (ms * 100) | 0 : (LARGEST * 100) | 0;
  if (units < 4) return units > 0 ? units : 0;
  const octave = 31 - Math.clz32(units);
  return 4 * (octave - 1) + ((units >> (octave - 2)) & 3);
}

function middleOf(bucket: number): number {
  if (bucket < 4) return (bucket + 0.5) / 100;
  const octave = (bucket >> 2) + 1;
  const width = 2 ** (octave - 2);
  return ((4 + (bucket & 3)) * width + width / 2) / 100;
}

/** 100 s: what takes longer than this is not a delay but an outage. */
const LARGEST = 100_000;
const BUCKETS = 92;
/** Below 2^16, so that a Uint16 holds it even if every value falls into one bucket. */
const FADE_AT = 60_000;

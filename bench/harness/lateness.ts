/**
 * How late things were, in three numbers.
 *
 * This file knows milliseconds. It does not know what was late.
 *
 * @module
 */
import { quantile } from "./spread.ts";

/** In ms, but for the count. */
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

/** Collects lateness between two questions. */
export class LatenessLog {
  #late: number[] = [];

  /** Something was late by `ms`. */
  add(ms: number): void {
    this.#late.push(ms);
  }

  /** What came since this was last called; all 0 if nothing did. */
  take(): Lateness {
    const sorted = Float64Array.from(this.#late).sort();
    this.#late = [];
    const at = (q: number): number => sorted.length > 0 ? quantile(sorted, q) : 0;
    return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
  }
}

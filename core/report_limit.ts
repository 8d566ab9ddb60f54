/**
 * Reports about bad input without letting bad input flood the reports.
 *
 * This file knows how often to speak. It does not know what is said.
 *
 * @module
 */
import type { Instant } from "./machine.ts";

/**
 * Lets one report of a kind through per interval and counts the ones it held back, so that the next
 * report can say how many there were.
 *
 * @example
 * ```ts
 * import { ReportLimit } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const limit = new ReportLimit(1_000);
 * assertEquals(limit.count(0), 1); // report one
 * assertEquals(limit.count(10), 0); // say nothing
 * assertEquals(limit.count(20), 0);
 * assertEquals(limit.count(1_000), 3); // report three
 * ```
 */
export class ReportLimit {
  readonly #interval: number;
  #quietUntil = -Infinity;
  #held = 0;

  /** Reports are at least `interval` ms apart. */
  constructor(interval: number) {
    this.#interval = interval;
  }

  /** Counts one occurrence; returns how many to report now, 0 for none. */
  count(now: Instant): number {
    this.#held++;
    return now < this.#quietUntil ? 0 : this.#release(now);
  }

  /** Returns how many were held back and are due to be reported, 0 for none. */
  flush(now: Instant): number {
    return this.#held === 0 || now < this.#quietUntil ? 0 : this.#release(now);
  }

  /** When `flush` has something to report, `undefined` if nothing is held back. */
  get due(): Instant | undefined {
    return this.#held === 0 ? undefined : this.#quietUntil;
  }

  #release(now: Instant): number {
    const held = this.#held;
    this.#held = 0;
    this.#quietUntil = now + this.#interval;
    return held;
  }
}

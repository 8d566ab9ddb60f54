/**
 * Tells lost, repeated and overtaken messages apart by their numbers.
 *
 * This file knows numbers that should count up by one. It does not know who sends them.
 *
 * @module
 */

/**
 * How a number relates to those before it: `next` came in turn, `gap` skipped some, `reordered`
 * fills an earlier gap, `duplicate` was seen before, `stale` is too far back to tell.
 */
export type Arrival = "next" | "gap" | "reordered" | "duplicate" | "stale";

/**
 * A sliding window over the last 32 numbers, as in RFC 4303 section 3.4.3, with counters.
 *
 * @example
 * ```ts
 * import { SequenceWindow } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const window = new SequenceWindow();
 * const seen = [1, 2, 5, 4, 4].map((number) => window.observe(number));
 * assertEquals(seen, ["next", "next", "gap", "reordered", "duplicate"]);
 * assertEquals([window.expected, window.received, window.lost], [5, 4, 1]);
 * ```
 */
export class SequenceWindow {
  /** Different numbers received. */
  received = 0;
  /** Numbers received again, or too far back to tell. */
  duplicates = 0;
  /** Numbers overtaken by later ones. */
  reordered = 0;
  /** Runs of missing numbers, each counted once however long. */
  gaps = 0;
  /** The highest number seen. */
  highest: number = -1;

  /** Bit i is set if `highest - i` was received. */
  #seen = 0;
  #expectedBefore = 0;
  #first = 0;

  /** How many different numbers should have been received by now. */
  get expected(): number {
    return this.#expectedBefore + (this.highest < 0 ? 0 : this.highest - this.#first + 1);
  }

  /** How many of the expected numbers have not been received. */
  get lost(): number {
    return this.expected - this.received;
  }

  /** Takes one number, a whole number from 0. */
  observe(number: number): Arrival {
    const ahead = number - this.highest;
    if (this.highest < 0) return this.#begin(number);
    if (ahead > 0) return this.#advance(number, ahead);
    return this.#lookBack(number, -ahead);
  }

  /** Lets the next number start a new count; what was expected and received so far stays. */
  restart(): void {
    this.#expectedBefore = this.expected;
    this.highest = -1;
  }

  #begin(number: number): Arrival {
    this.#first = this.highest = number;
    this.#seen = 1;
    this.received++;
    return "next";
  }

  #advance(number: number, ahead: number): Arrival {
    this.highest = number;
    this.#seen = ahead < WINDOW ? (this.#seen << ahead) | 1 : 1;
    this.received++;
    if (ahead === 1) return "next";
    this.gaps++;
    return "gap";
  }

  #lookBack(number: number, behind: number): Arrival {
    if (behind >= WINDOW) {
      this.duplicates++;
      return "stale";
    }
    const bit = 1 << behind;
    if ((this.#seen & bit) !== 0) {
      this.duplicates++;
      return "duplicate";
    }
    this.#seen |= bit;
    // A number from before the first one seen moves the beginning back: it was expected after all.
    if (number < this.#first) this.#first = number;
    this.received++;
    this.reordered++;
    return "reordered";
  }
}

/** The bits of one 32-bit integer. */
const WINDOW = 32;

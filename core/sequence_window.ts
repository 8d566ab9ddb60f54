/**
 * Tells lost, repeated and overtaken messages apart by their numbers.
 *
 * @module
 */
import { Cells } from "./cells.ts";

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
  /** How many cells it takes. */
  static readonly CELLS: number = 8;

  #cells: Float64Array;
  #at: number;

  /** Makes a window that has seen nothing; its state is kept in `cells`, from `at` on. */
  constructor(cells: Cells = new Cells(SequenceWindow.CELLS), at = 0) {
    this.#cells = cells.doubles;
    this.#at = at;
    this.clear();
  }

  /** Moves to the window whose state is in `cells`, from `at` on. */
  over(cells: Cells, at: number): void {
    this.#cells = cells.doubles;
    this.#at = at;
  }

  /** Forgets everything. */
  clear(): void {
    this.#cells.fill(0, this.#at, this.#at + SequenceWindow.CELLS);
    this.#cells[this.#at + HIGHEST] = -1;
  }

  /** Different numbers received. */
  get received(): number {
    return this.#cells[this.#at + RECEIVED]!;
  }

  /** Numbers received again, or too far back to tell. */
  get duplicates(): number {
    return this.#cells[this.#at + DUPLICATES]!;
  }

  /** Numbers overtaken by later ones. */
  get reordered(): number {
    return this.#cells[this.#at + REORDERED]!;
  }

  /** Runs of missing numbers, each counted once however long. */
  get gaps(): number {
    return this.#cells[this.#at + GAPS]!;
  }

  /** The highest number seen; -1 if there is none. */
  get highest(): number {
    return this.#cells[this.#at + HIGHEST]!;
  }

  /** How many different numbers should have been received by now. */
  get expected(): number {
    const highest = this.highest;
    const now = highest < 0 ? 0 : highest - this.#cells[this.#at + FIRST]! + 1;
    return this.#cells[this.#at + EXPECTED_BEFORE]! + now;
  }

  /** How many of the expected numbers have not been received. */
  get lost(): number {
    return this.expected - this.received;
  }

  /** Takes one number, a whole number from 0. */
  observe(number: number): Arrival {
    const highest = this.highest;
    if (highest < 0) return this.#begin(number);
    const ahead = number - highest;
    if (ahead > 0) return this.#advance(number, ahead);
    return this.#lookBack(number, -ahead);
  }

  /** Lets the next number start a new count; what was expected and received so far stays. */
  restart(): void {
    this.#cells[this.#at + EXPECTED_BEFORE] = this.expected;
    this.#cells[this.#at + HIGHEST] = -1;
  }

  #begin(number: number): Arrival {
    this.#cells[this.#at + FIRST] = this.#cells[this.#at + HIGHEST] = number;
    this.#cells[this.#at + SEEN] = 1;
    this.#count(RECEIVED);
    return "next";
  }

  #advance(number: number, ahead: number): Arrival {
    const seen = this.#cells[this.#at + SEEN]!;
    this.#cells[this.#at + HIGHEST] = number;
    this.#cells[this.#at + SEEN] = ahead < WINDOW ? (seen << ahead) | 1 : 1;
    this.#count(RECEIVED);
    if (ahead === 1) return "next";
    this.#count(GAPS);
    return "gap";
  }

  #lookBack(number: number, behind: number): Arrival {
    if (behind >= WINDOW) {
      this.#count(DUPLICATES);
      return "stale";
    }
    const bit = 1 << behind, seen = this.#cells[this.#at + SEEN]!;
    if ((seen & bit) !== 0) {
      this.#count(DUPLICATES);
      return "duplicate";
    }
    this.#cells[this.#at + SEEN] = seen | bit;
    // A number from before the first one seen moves the beginning back: it was expected after all.
    if (number < this.#cells[this.#at + FIRST]!) this.#cells[this.#at + FIRST] = number;
    this.#count(RECEIVED);
    this.#count(REORDERED);
    return "reordered";
  }

  #count(cell: number): void {
    this.#cells[this.#at + cell] = this.#cells[this.#at + cell]! + 1;
  }
}

// What is in which cell.
const RECEIVED = 0;
const DUPLICATES = 1;
const REORDERED = 2;
const GAPS = 3;
const HIGHEST = 4;
/** Bit i is set if `HIGHEST - i` was received. */
const SEEN = 5;
/** What was expected before the last restart, and the first number since. */
const EXPECTED_BEFORE = 6;
const FIRST = 7;

/** The bits of one 32-bit integer. */
const WINDOW = 32;

/**
 * How far a peer's wall clock and ours are apart, and whether a message was held back on its way.
 *
 * The result is an estimate for people to read and for flags: no deadline may depend on it, because wall
 * clocks step.
 *
 * @module
 */
import { Cells } from "./cells.ts";
import type { Instant } from "./machine.ts";

/**
 * A minimum filter over transit times (receive time minus send time, each on its own wall clock).
 *
 * The fastest message of the last one to two minutes marks the offset of the two clocks plus the
 * shortest path; what a message took beyond that it spent in queues. The minimum filter is the one
 * NTP uses (RFC 5905 section 10, clock filter) with a window in place of its eight stages.
 *
 * A clock that steps and a network that holds messages back look alike for one message. They differ
 * in the next: held-back messages arrive in a lump, each less late than the one before, while after a
 * step the lateness stays the same at the sender's own pace. Then the offset is learnt anew.
 *
 * @example
 * ```ts
 * import { ClockOffset } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const offset = new ClockOffset();
 * offset.observe(7_200_003, 0); // the peer's clock is two hours behind
 * assertEquals(offset.observe(7_200_005, 1_000), 2);
 * assertEquals(offset.observe(7_230_003, 31_000), 30_000); // held back for 30 s
 * assertEquals(offset.late, true);
 * ```
 */
export class ClockOffset {
  /** How many cells it takes. */
  static readonly CELLS: number = 6;

  readonly #lateAfter: number;
  #cells!: Float64Array;
  #at!: number;

  /**
   * Makes a filter that has seen nothing.
   *
   * @param lateAfter milliseconds beyond the fastest message from which one counts as held back
   * @param cells where its state is kept, from `at` on; memory of its own by default
   */
  constructor(lateAfter: number = LATE_AFTER, cells: Cells = new Cells(ClockOffset.CELLS), at = 0) {
    this.#lateAfter = lateAfter;
    this.over(cells, at);
    this.clear();
  }

  /** Moves to the filter whose state is in `cells`, from `at` on. */
  over(cells: Cells, at: number): void {
    this.#cells = cells.doubles;
    this.#at = at;
  }

  /** Forgets everything. */
  clear(): void {
    const cells = this.#cells, at = this.#at;
    cells[at + LATE] = 0;
    cells[at + WINDOW_END] = -Infinity;
    cells[at + LEAST] = cells[at + LEAST_BEFORE] = Infinity;
    cells[at + LATE_TRANSIT] = cells[at + LATE_AT] = NaN;
  }

  /** The last message was held back by more than the limit. */
  get late(): boolean {
    return this.#cells[this.#at + LATE] === 1;
  }

  /** Receive time minus send time of the fastest recent message, in ms; `undefined` if none. */
  get value(): number | undefined {
    const least = this.#fastest;
    return least === Infinity ? undefined : least;
  }

  get #fastest(): number {
    const cells = this.#cells, at = this.#at;
    return Math.min(cells[at + LEAST]!, cells[at + LEAST_BEFORE]!);
  }

  /** Takes one transit time and returns how many ms the message took beyond the fastest one. */
  observe(transit: number, now: Instant): number {
    const cells = this.#cells, at = this.#at;
    const beyond = transit - this.#fastest;
    const late = beyond > this.#lateAfter && !this.#stepped(transit, now);
    cells[at + LATE] = Number(late);
    if (late) return beyond;
    // One message in time shows that the clocks did not step, whatever was late before it.
    cells[at + LATE_TRANSIT] = cells[at + LATE_AT] = NaN;
    if (now >= cells[at + WINDOW_END]!) this.#nextWindow(now);
    if (transit < cells[at + LEAST]!) cells[at + LEAST] = transit;
    return Math.max(0, transit - this.#fastest);
  }

  /** Whether the lateness has settled, so that it is a clock that stepped; forgets the old offset. */
  #stepped(transit: number, now: Instant): boolean {
    const cells = this.#cells, at = this.#at;
    const gap = now - cells[at + LATE_AT]!;
    const settled = gap >= SETTLE_GAP && Math.abs(transit - cells[at + LATE_TRANSIT]!) <= gap / 4;
    if (settled) {
      cells[at + LEAST] = cells[at + LEAST_BEFORE] = Infinity;
    } else if (!(gap < SETTLE_GAP)) {
      cells[at + LATE_TRANSIT] = transit;
      cells[at + LATE_AT] = now;
    }
    return settled;
  }

  #nextWindow(now: Instant): void {
    const cells = this.#cells, at = this.#at;
    cells[at + LEAST_BEFORE] = cells[at + LEAST]!;
    cells[at + LEAST] = Infinity;
    cells[at + WINDOW_END] = now + WINDOW;
  }
}

// What is in which cell.
/** 1 if the last message was held back. */
const LATE = 0;
const WINDOW_END = 1;
/** The shortest transit of this window, and of the one before. */
const LEAST = 2;
const LEAST_BEFORE = 3;
/** The late message that the next late one is compared with; NaN if there is none. */
const LATE_TRANSIT = 4;
const LATE_AT = 5;
/** Long enough for several heartbeats, short enough that 100 ppm of drift stay under 12 ms. */
const WINDOW = 60_000;
/** More than any queue in a working network, less than any outage a person would notice. */
const LATE_AFTER = 1_000;
/** Two messages closer than this may belong to one lump and prove nothing. */
const SETTLE_GAP = 200;

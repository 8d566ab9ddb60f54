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
 * A clock may also be of no use at all: it stands still, or falls behind as fast as it runs. Its messages get
 * later and later, which those of a lump never do. Where such messages keep arriving for as long as their
 * receiver has patience with silence, they are no lump, and the offset is learnt anew as well.
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
  static readonly CELLS: number = 11;

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
    cells[at + UNUSABLE] = 0;
    this.#forgetLate();
  }

  /** Whether messages were once believed against their times, which say nothing of when they were sent. */
  get unusable(): boolean {
    return this.#cells[this.#at + UNUSABLE] === 1;
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

  /**
   * Takes one transit time and returns how many ms the message took beyond the fastest one.
   *
   * @param patience how many ms messages must keep arriving to be believed against their times
   */
  observe(transit: number, now: Instant, patience = Infinity): number {
    const cells = this.#cells, at = this.#at;
    const beyond = transit - this.#fastest;
    const late = beyond > this.#lateAfter && !this.#stepped(transit, now) &&
      !this.#keepsArriving(transit, now, patience);
    cells[at + LATE] = Number(late);
    if (late) return beyond;
    // One message in time shows that the clocks did not step, whatever was late before it.
    this.#forgetLate();
    if (now >= cells[at + WINDOW_END]!) this.#nextWindow(now);
    if (transit < cells[at + LEAST]!) cells[at + LEAST] = transit;
    return Math.max(0, transit - this.#fastest);
  }

  /** Whether the lateness has settled, so that it is a clock that stepped; forgets the old offset. */
  #stepped(transit: number, now: Instant): boolean {
    const cells = this.#cells, at = this.#at;
    const gap = now - cells[at + LATE_AT]!;
    const settled = gap >= SETTLE_GAP &&
      Math.abs(transit - cells[at + LATE_TRANSIT]!) <= gap * TOLERANCE;
    if (settled) this.#learnAnew();
    else if (!(gap < SETTLE_GAP)) {
      cells[at + LATE_TRANSIT] = transit;
      cells[at + LATE_AT] = now;
    }
    return settled;
  }

  /**
   * Whether late messages came for `patience` ms, none of them caught up with its time, and no silence among
   * them was as long.
   */
  #keepsArriving(transit: number, now: Instant, patience: number): boolean {
    const cells = this.#cells, at = this.#at;
    const since = now - cells[at + RUN_SINCE]!, gap = now - cells[at + RUN_AT]!;
    if (!(gap <= patience && transit >= cells[at + RUN_TRANSIT]! - since * TOLERANCE)) {
      cells[at + RUN_SINCE] = cells[at + RUN_AT] = now;
      cells[at + RUN_TRANSIT] = transit;
      cells[at + RUN_LENGTH] = 1;
      return false;
    }
    if (gap < Math.min(SETTLE_GAP, patience / 8)) return false;
    cells[at + RUN_AT] = now;
    const length = cells[at + RUN_LENGTH]! + 1;
    cells[at + RUN_LENGTH] = length;
    if (length < RUN_LEAST || since < patience) return false;
    cells[at + UNUSABLE] = 1;
    this.#learnAnew();
    return true;
  }

  #learnAnew(): void {
    this.#cells[this.#at + LEAST] = this.#cells[this.#at + LEAST_BEFORE] = Infinity;
  }

  /** The next late message is compared with none before it. */
  #forgetLate(): void {
    this.#cells[this.#at + LATE_AT] = this.#cells[this.#at + RUN_AT] = NaN;
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
/** A run of late messages: its first one, when the last one came, and how many of them were apart. */
const RUN_SINCE = 6;
const RUN_TRANSIT = 7;
const RUN_AT = 8;
const RUN_LENGTH = 9;
/** 1 if a run was believed. */
const UNUSABLE = 10;
/** Long enough for several heartbeats, short enough that 100 ppm of drift stay under 12 ms. */
const WINDOW = 60_000;
/** More than any queue in a working network, less than any outage a person would notice. */
const LATE_AFTER = 1_000;
/** Two messages closer than this may belong to one lump and prove nothing. */
const SETTLE_GAP = 200;
/** What a message may be earlier or later than its sender's pace, as a share of the time since the one before. */
const TOLERANCE = 0.25;
/** Two lumps are two messages that are apart; life is more. */
const RUN_LEAST = 3;

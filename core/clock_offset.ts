/**
 * How far a peer's wall clock and ours are apart, and whether a message was held back on its way.
 *
 * This file knows transit times. It does not know what travelled. It is an estimate for people to
 * read and for flags: no deadline may depend on it, because wall clocks step.
 *
 * @module
 */
import type { Instant } from "./machine.ts";

/**
 * A minimum filter over transit times (receive time minus send time, each on its own wall clock).
 *
 * The fastest message of the last one to two minutes marks the offset of the two clocks plus the
 * shortest path; what a message took beyond that, it waited somewhere. The minimum filter is the one
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
  /** The last message was held back by more than the limit. */
  late = false;

  readonly #lateAfter: number;
  #windowEnd = -Infinity;
  #least = Infinity;
  #leastBefore = Infinity;
  /** The late message that the next late one is compared with; NaN if there is none. */
  #lateTransit = NaN;
  #lateAt = NaN;

  /**
   * Makes a filter that has seen nothing.
   *
   * @param lateAfter milliseconds beyond the fastest message from which one counts as held back
   */
  constructor(lateAfter: number = LATE_AFTER) {
    this.#lateAfter = lateAfter;
  }

  /** Receive time minus send time of the fastest recent message, in ms; `undefined` if none. */
  get value(): number | undefined {
    const least = Math.min(this.#least, this.#leastBefore);
    return least === Infinity ? undefined : least;
  }

  /** Takes one transit time and returns how many ms the message took beyond the fastest one. */
  observe(transit: number, now: Instant): number {
    const beyond = transit - Math.min(this.#least, this.#leastBefore);
    this.late = beyond > this.#lateAfter && !this.#stepped(transit, now);
    if (this.late) return beyond;
    // One message in time shows that the clocks did not step, whatever was late before it.
    this.#lateTransit = this.#lateAt = NaN;
    if (now >= this.#windowEnd) this.#turnWindow(now);
    if (transit < this.#least) this.#least = transit;
    return Math.max(0, transit - Math.min(this.#least, this.#leastBefore));
  }

  /** Whether the lateness has settled, so that it is a clock that stepped; forgets the old offset. */
  #stepped(transit: number, now: Instant): boolean {
    const gap = now - this.#lateAt;
    const settled = gap >= SETTLE_GAP && Math.abs(transit - this.#lateTransit) <= gap / 4;
    if (settled) {
      this.#least = this.#leastBefore = Infinity;
    } else if (!(gap < SETTLE_GAP)) {
      this.#lateTransit = transit;
      this.#lateAt = now;
    }
    return settled;
  }

  #turnWindow(now: Instant): void {
    this.#leastBefore = this.#least;
    this.#least = Infinity;
    this.#windowEnd = now + WINDOW;
  }
}

/** Long enough for several heartbeats, short enough that 100 ppm of drift stay under 12 ms. */
const WINDOW = 60_000;
/** More than any queue in a working network, less than any outage a person would notice. */
const LATE_AFTER = 1_000;
/** Two messages closer than this may belong to one lump and prove nothing. */
const SETTLE_GAP = 200;

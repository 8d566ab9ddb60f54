/**
 * What can be said about a link from the numbered, time-stamped messages that arrive over it.
 *
 * This file knows how the measures fit together. It does not know the message they come from.
 *
 * @module
 */
import { ClockOffset } from "./clock_offset.ts";
import type { Instant } from "./machine.ts";
import { Quantiles } from "./quantiles.ts";
import { type Arrival, SequenceWindow } from "./sequence_window.ts";

/** A reading of {@linkcode LinkStatistics}; lengths of time are milliseconds. */
export interface LinkReport {
  /** Different messages received. */
  readonly received: number;
  /** Messages that should have been received by now. */
  readonly expected: number;
  /** Share of the expected messages that are missing, 0..1. */
  readonly loss: number;
  /** Messages received more than once. */
  readonly duplicates: number;
  /** Messages overtaken by later ones. */
  readonly reordered: number;
  /** Runs of missing messages. */
  readonly gaps: number;
  /** Messages that the network held back and delivered afterwards. */
  readonly late: number;
  /** Interarrival jitter, RFC 3550 section 6.4.1. */
  readonly jitter: number;
  /** Delay beyond the fastest recent message: the last one, median, 99th percentile and largest. */
  readonly delay: {
    readonly last: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
  /** Receive time minus send time of the fastest recent message: clock offset plus shortest path. */
  readonly offset: number;
}

/**
 * Loss, duplicates, reordering, gaps, jitter, delay and clock offset of one link, in constant
 * memory (1.3 KB on V8) however long it runs.
 *
 * @example
 * ```ts
 * import { LinkStatistics } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const link = new LinkStatistics();
 * link.observe(1, 1_000, 1_004, 0); // number, sent and received on the wall clock, monotonic now
 * link.observe(3, 1_200, 1_206, 202);
 * assertEquals(link.report().loss, 1 / 3);
 * assertEquals(link.lastDelay, 2);
 * ```
 */
export class LinkStatistics {
  /** How the numbers arrived. */
  readonly window: SequenceWindow = new SequenceWindow();
  /** Milliseconds the last message took beyond the fastest recent one. */
  lastDelay = 0;
  /** Messages that were held back. */
  late = 0;

  readonly #offset: ClockOffset;
  readonly #delays = new Quantiles();
  #jitter = 0;
  #lastTransit = NaN;

  /** A message counts as held back from `lateAfter` ms beyond the fastest on; default 1,000. */
  constructor(lateAfter?: number) {
    this.#offset = new ClockOffset(lateAfter);
  }

  /** Whether the last message was held back, so that it says little about the present. */
  get lastWasLate(): boolean {
    return this.#offset.late;
  }

  /**
   * Takes one message.
   *
   * @param number counts up by one with each message sent
   * @param sent ms since 1970 on the sender's clock
   * @param received ms since 1970 on ours
   * @param now the monotonic instant of receipt
   */
  observe(number: number, sent: number, received: number, now: Instant): Arrival {
    const arrival = this.window.observe(number);
    const transit = received - sent;
    this.lastDelay = this.#offset.observe(transit, now);
    if (this.#offset.late) {
      this.late++;
      this.#lastTransit = NaN;
    } else {
      this.#delays.add(this.lastDelay);
      this.#observeJitter(transit);
    }
    return arrival;
  }

  /** Lets the next message start a new count of numbers, as when the sender restarted. */
  restart(): void {
    this.window.restart();
    this.#lastTransit = NaN;
  }

  /** Reads all measures. */
  report(): LinkReport {
    const { received, expected, lost, duplicates, reordered, gaps } = this.window;
    return {
      received,
      expected,
      loss: expected === 0 ? 0 : lost / expected,
      duplicates,
      reordered,
      gaps,
      late: this.late,
      jitter: this.#jitter,
      delay: {
        last: this.lastDelay,
        p50: this.#delays.at(0.5) ?? 0,
        p99: this.#delays.at(0.99) ?? 0,
        max: this.#delays.max,
      },
      offset: this.#offset.value ?? 0,
    };
  }

  #observeJitter(transit: number): void {
    const change = Math.abs(transit - this.#lastTransit);
    // The first message has nothing to differ from; a step of a clock is not jitter.
    if (change < CLOCK_STEP) this.#jitter += (change - this.#jitter) / 16;
    this.#lastTransit = transit;
  }
}

/** A change of transit time that no network makes between two messages that both came in time. */
const CLOCK_STEP = 10_000;

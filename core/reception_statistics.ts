/**
 * How the numbered, time-stamped messages of one client are received: the report that RFC 3550 calls a
 * reception report.
 *
 * @module
 */
import { Cells } from "./cells.ts";
import { ClockOffset } from "./clock_offset.ts";
import type { Instant } from "./machine.ts";
import { Quantiles } from "./quantiles.ts";
import { type Arrival, SequenceWindow } from "./sequence_window.ts";

/** A reading of {@linkcode ReceptionStatistics}; lengths of time are milliseconds. */
export interface ReceptionReport {
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
 * Loss, duplicates, reordering, gaps, jitter, delay and clock offset of one client's messages, in
 * constant memory (1 KB on V8) however many they are; a `ReceptionTable` holds those of many clients.
 *
 * @example
 * ```ts
 * import { ReceptionStatistics } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const reception = new ReceptionStatistics();
 * reception.observe(1, 1_000, 1_004, 0); // number, sent and received on the wall clock, monotonic now
 * reception.observe(3, 1_200, 1_206, 202);
 * assertEquals(reception.report().loss, 1 / 3);
 * assertEquals(reception.lastDelay, 2);
 * ```
 */
export class ReceptionStatistics {
  /** How many cells it takes. */
  static readonly CELLS: number = 4 + SequenceWindow.CELLS + ClockOffset.CELLS + Quantiles.CELLS;

  /** How the numbers arrived. */
  readonly window: SequenceWindow;

  readonly #offset: ClockOffset;
  readonly #delays: Quantiles;
  #cells: Float64Array;
  #at: number;

  /**
   * Makes statistics of a client of whom nothing was received.
   *
   * @param lateAfter milliseconds beyond the fastest message from which one counts as held back;
   * default 1,000
   * @param cells where their state is kept, from `at` on; memory of their own by default
   */
  constructor(lateAfter?: number, cells: Cells = new Cells(ReceptionStatistics.CELLS), at = 0) {
    this.#cells = cells.doubles;
    this.#at = at;
    this.window = new SequenceWindow(cells, at + WINDOW);
    this.#offset = new ClockOffset(lateAfter, cells, at + OFFSET);
    this.#delays = new Quantiles(cells, at + DELAYS);
    this.#clearOwn();
  }

  /** Moves to the statistics in `cells`, from `at` on; those of a new client must then be cleared. */
  over(cells: Cells, at: number): void {
    this.#cells = cells.doubles;
    this.#at = at;
    this.window.over(cells, at + WINDOW);
    this.#offset.over(cells, at + OFFSET);
    this.#delays.over(cells, at + DELAYS);
  }

  /** Forgets everything. */
  clear(): void {
    this.#clearOwn();
    this.window.clear();
    this.#offset.clear();
    this.#delays.clear();
  }

  /** Milliseconds the last message took beyond the fastest recent one. */
  get lastDelay(): number {
    return this.#cells[this.#at + LAST_DELAY]!;
  }

  /** Messages that were held back. */
  get late(): number {
    return this.#cells[this.#at + LATE]!;
  }

  /** Whether the last message was held back, so that it says little about the present. */
  get lastWasLate(): boolean {
    return this.#offset.late;
  }

  /** Whether messages were once believed against their times: the sender's clock is of no use. */
  get clockUnusable(): boolean {
    return this.#offset.unusable;
  }

  /**
   * Takes one message.
   *
   * @param number counts up by one with each message sent
   * @param sent ms since 1970 on the sender's clock
   * @param received ms since 1970 on ours
   * @param now the monotonic instant of receipt
   * @param patience for how many ms messages must keep arriving to be believed against their times
   */
  observe(
    number: number,
    sent: number,
    received: number,
    now: Instant,
    patience?: number,
  ): Arrival {
    const arrival = this.window.observe(number);
    const transit = received - sent;
    const delay = this.#offset.observe(transit, now, patience);
    this.#cells[this.#at + LAST_DELAY] = delay;
    if (this.#offset.late) {
      this.#cells[this.#at + LATE] = this.late + 1;
      this.#cells[this.#at + LAST_TRANSIT] = NaN;
    } else {
      this.#delays.add(delay);
      this.#observeJitter(transit);
    }
    return arrival;
  }

  /** Lets the next message start a new count of numbers, as when the sender restarted. */
  restart(): void {
    this.window.restart();
    this.#cells[this.#at + LAST_TRANSIT] = NaN;
  }

  /** Reads all measures. */
  report(): ReceptionReport {
    const { received, expected, lost, duplicates, reordered, gaps } = this.window;
    return {
      received,
      expected,
      loss: expected === 0 ? 0 : lost / expected,
      duplicates,
      reordered,
      gaps,
      late: this.late,
      jitter: this.#cells[this.#at + JITTER]!,
      delay: {
        last: this.lastDelay,
        p50: this.#delays.at(0.5) ?? 0,
        p99: this.#delays.at(0.99) ?? 0,
        max: this.#delays.max,
      },
      offset: this.#offset.value ?? 0,
    };
  }

  #clearOwn(): void {
    this.#cells.fill(0, this.#at, this.#at + WINDOW);
    this.#cells[this.#at + LAST_TRANSIT] = NaN;
  }

  #observeJitter(transit: number): void {
    const cells = this.#cells, at = this.#at;
    const change = Math.abs(transit - cells[at + LAST_TRANSIT]!);
    // The first message has nothing to differ from; a step of a clock is not jitter.
    if (change < CLOCK_STEP) {
      cells[at + JITTER] = cells[at + JITTER]! + (change - cells[at + JITTER]!) / 16;
    }
    cells[at + LAST_TRANSIT] = transit;
  }
}

// What is in which cell.
const LAST_DELAY = 0;
const LATE = 1;
const JITTER = 2;
const LAST_TRANSIT = 3;
const WINDOW = 4;
const OFFSET = WINDOW + SequenceWindow.CELLS;
/** Last, because all but a few of its cells stay untouched. */
const DELAYS = OFFSET + ClockOffset.CELLS;

/** A change of transit time that no network makes between two messages that both came in time. */
const CLOCK_STEP = 10_000;

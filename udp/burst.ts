/**
 * Turns the sequence numbers 1..10, which start over with each burst, into one number that counts up.
 *
 * This file knows bursts and their period. It does not know loss or clients. The wire carries no
 * burst number, so the burst is told from the order of sequence numbers and send times, and the period
 * from the time between two datagrams of the same place.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import { BURST_SIZE } from "./message.ts";

/** Follows the bursts of one client. */
export class BurstTracker {
  /** Bursts of which at least one datagram arrived. */
  seen = 0;

  /** Whether there is a burst that the next datagram may belong to. */
  #begun = false;
  /** The highest sequence number so far: how many datagrams this client puts into a burst. */
  #size = 0;
  /** The number of the current burst's first datagram, and of the one's before. */
  #base = 0;
  #baseBefore = 0;
  /** The earliest and the latest datagram of the current burst, by send time. */
  #firstSequence = 0;
  #firstAt = -Infinity;
  #lastSequence = 0;
  #lastAt = -Infinity;
  #lastBefore = -Infinity;
  #heardAt: Instant = 0;
  /** Usual recent time between two bursts, in ms. */
  #period = Infinity;
  readonly #intervals: number[] = [];
  /** By sequence number: when the last one was sent, and the number it was given. */
  readonly #sent: number[] = new Array(BURST_SIZE + 1).fill(-1);
  readonly #numbers: number[] = new Array(BURST_SIZE + 1).fill(-1);

  /** Returns the running number of one datagram; duplicates get the same number again. */
  observe(sequence: number, sentAt: number, now: Instant): number {
    if (this.#sent[sequence] === sentAt) return this.#numbers[sequence]!;
    if (this.#beginsBurst(sequence, sentAt)) this.#begin(sequence, sentAt, now);
    else if (this.#isFromBurstBefore(sequence, sentAt)) return this.#baseBefore + sequence - 1;
    else this.#extend(sequence, sentAt);
    if (sequence > this.#size) this.#size = sequence;
    this.#heardAt = now;
    this.#sent[sequence] = sentAt;
    return this.#numbers[sequence] = this.#base + sequence - 1;
  }

  /** Lets the next datagram begin a burst: what lies before it is not lost. The period stays known. */
  restart(): void {
    this.#begun = false;
    this.#firstAt = this.#lastAt = this.#lastBefore = -Infinity;
    this.#sent.fill(-1);
    this.#numbers.fill(-1);
  }

  #beginsBurst(sequence: number, sentAt: number): boolean {
    if (!this.#begun || sentAt < this.#firstAt - CLOCK_STEP) return true;
    if (sentAt < this.#lastAt) return false;
    // Stamps with whole seconds are the same all through a burst.
    if (sentAt === this.#lastAt) return this.#isInBurst(sequence);
    return sequence <= this.#lastSequence || sentAt - this.#lastAt >= this.#period * 0.95;
  }

  #begin(sequence: number, sentAt: number, now: Instant): void {
    const elapsed = this.#burstsSince(sequence, sentAt, now);
    this.#baseBefore = this.#base;
    this.#lastBefore = this.#lastAt;
    this.#base += elapsed * this.#size;
    this.#firstSequence = this.#lastSequence = sequence;
    this.#firstAt = this.#lastAt = sentAt;
    this.#begun = true;
    this.seen++;
  }

  /** How many bursts ago the last one was: more than 1 if whole bursts were lost. */
  #burstsSince(sequence: number, sentAt: number, now: Instant): number {
    if (!this.#begun) return 0;
    const samePlace = this.#isInBurst(sequence);
    const since = samePlace ? this.#sent[sequence]! : this.#lastAt;
    const interval = sentAt - since;
    if (samePlace && interval > 0) this.#learn(interval);
    const period = this.#period;
    // A wall clock that steps forward must not look like lost bursts: our own clock bounds it. The
    // rounding allows the last datagram to have been almost a period slower than this one.
    const heard = Math.floor((now - this.#heardAt + this.#lastAt - since) / period + 0.9);
    return Math.max(1, Math.min(Math.round(interval / period), heard));
  }

  /**
   * The period is the second shortest of the last intervals: lost bursts make many of them longer, and
   * a client that was stopped and catches up makes one shorter.
   */
  #learn(interval: number): void {
    this.#intervals.push(interval);
    if (this.#intervals.length > MOST_INTERVALS) this.#intervals.shift();
    let shortest = Infinity, second = Infinity;
    for (const one of this.#intervals) {
      if (one < shortest) [second, shortest] = [shortest, one];
      else if (one < second) second = one;
    }
    this.#period = this.#intervals.length < 3 ? shortest : second;
  }

  #isInBurst(sequence: number): boolean {
    return this.#numbers[sequence] === this.#base + sequence - 1;
  }

  #isFromBurstBefore(sequence: number, sentAt: number): boolean {
    if (sentAt >= this.#firstAt) return false;
    return sequence > this.#firstSequence || sentAt <= this.#lastBefore;
  }

  #extend(sequence: number, sentAt: number): void {
    if (sentAt < this.#firstAt) {
      this.#firstSequence = sequence;
      this.#firstAt = sentAt;
    } else if (sentAt >= this.#lastAt) {
      this.#lastSequence = sequence;
      this.#lastAt = sentAt;
    }
  }
}

/** A client that slows down is believed after so many bursts, less one. */
const MOST_INTERVALS = 8;
/** A datagram this much older than its predecessors was not overtaken: its clock was set back. */
const CLOCK_STEP = 120_000;

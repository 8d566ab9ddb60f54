/**
 * Turns the sequence numbers 1..10, which start over with each burst, into one number that counts up.
 *
 * The wire carries no burst number, so the burst is told from the order of sequence numbers and send times,
 * and the interval from the time between two datagrams of the same place.
 *
 * @module
 */
import { Cells } from "../core/cells.ts";
import type { Instant } from "../core/machine.ts";
import { BURST_SIZE } from "./message.ts";

/** Follows the bursts of one client. */
export class BurstTracker {
  /** How many cells it takes. */
  static readonly CELLS: number = 21 + 2 * BURST_SIZE;

  #cells: Float64Array;
  #at: number;

  /** Makes one that has seen nothing; its state is kept in `cells`, from `at` on. */
  constructor(cells: Cells = new Cells(BurstTracker.CELLS), at = 0) {
    this.#cells = cells.doubles;
    this.#at = at;
    this.clear();
  }

  /** Moves to the tracker whose state is in `cells`, from `at` on. */
  over(cells: Cells, at: number): void {
    this.#cells = cells.doubles;
    this.#at = at;
  }

  /** Forgets everything. */
  clear(): void {
    this.#cells.fill(0, this.#at, this.#at + BurstTracker.CELLS);
    this.#set(USUAL_INTERVAL, Infinity);
    this.restart();
  }

  /** Bursts of which at least one datagram arrived. */
  get seen(): number {
    return this.#get(SEEN);
  }

  /** Returns the running number of one datagram; duplicates get the same number again. */
  observe(sequence: number, sentAt: number, now: Instant): number {
    if (this.#get(sentCell(sequence)) === sentAt) return this.#get(numberCell(sequence));
    if (this.#beginsBurst(sequence, sentAt)) this.#begin(sequence, sentAt, now);
    else if (this.#isFromBurstBefore(sequence, sentAt)) {
      return this.#get(BASE_BEFORE) + sequence - 1;
    } else this.#extend(sequence, sentAt);
    if (sequence > this.#get(SIZE)) this.#set(SIZE, sequence);
    this.#set(HEARD_AT, now);
    this.#set(sentCell(sequence), sentAt);
    const number = this.#get(BASE) + sequence - 1;
    this.#set(numberCell(sequence), number);
    return number;
  }

  /** Lets the next datagram begin a burst: what lies before it is not lost. The interval stays known. */
  restart(): void {
    this.#set(BEGUN, 0);
    for (const cell of [FIRST_AT, LAST_AT, LAST_BEFORE]) this.#set(cell, -Infinity);
    this.#cells.fill(-1, this.#at + PLACES, this.#at + PLACES + 2 * BURST_SIZE);
  }

  #beginsBurst(sequence: number, sentAt: number): boolean {
    if (!this.#get(BEGUN) || sentAt < this.#get(FIRST_AT) - CLOCK_STEP) return true;
    const lastAt = this.#get(LAST_AT);
    if (sentAt < lastAt) return false;
    // Stamps with whole seconds are the same all through a burst.
    if (sentAt === lastAt) return this.#isInBurst(sequence);
    return sequence <= this.#get(LAST_SEQUENCE) ||
      sentAt - lastAt >= this.#get(USUAL_INTERVAL) * 0.95;
  }

  #begin(sequence: number, sentAt: number, now: Instant): void {
    const elapsed = this.#burstsSince(sequence, sentAt, now);
    this.#set(BASE_BEFORE, this.#get(BASE));
    this.#set(LAST_BEFORE, this.#get(LAST_AT));
    this.#set(BASE, this.#get(BASE) + elapsed * this.#get(SIZE));
    this.#setFirst(sequence, sentAt);
    this.#setLast(sequence, sentAt);
    this.#set(BEGUN, 1);
    this.#set(SEEN, this.#get(SEEN) + 1);
  }

  /** How many bursts ago the last one was: more than 1 if whole bursts were lost. */
  #burstsSince(sequence: number, sentAt: number, now: Instant): number {
    if (!this.#get(BEGUN)) return 0;
    const samePlace = this.#isInBurst(sequence);
    const lastAt = this.#get(LAST_AT);
    const since = samePlace ? this.#get(sentCell(sequence)) : lastAt;
    const interval = sentAt - since;
    if (samePlace && interval > 0) this.#learn(interval);
    const usual = this.#get(USUAL_INTERVAL);
    // A wall clock that steps forward must not look like lost bursts: our own clock bounds it. The
    // rounding allows the last datagram to have been almost an interval slower than this one.
    const heard = Math.floor((now - this.#get(HEARD_AT) + lastAt - since) / usual + 0.9);
    return Math.max(1, Math.min(Math.round(interval / usual), heard));
  }

  /**
   * The usual interval is the second shortest of the last intervals: lost bursts make many of them longer, and
   * a client that was stopped and catches up makes one shorter.
   */
  #learn(interval: number): void {
    const learnt = this.#get(LEARNT);
    this.#set(INTERVALS + learnt % MOST_INTERVALS, interval);
    this.#set(LEARNT, learnt + 1);
    let shortest = Infinity, second = Infinity;
    for (let i = Math.min(learnt, MOST_INTERVALS - 1); i >= 0; i--) {
      const one = this.#get(INTERVALS + i);
      if (one < shortest) [second, shortest] = [shortest, one];
      else if (one < second) second = one;
    }
    this.#set(USUAL_INTERVAL, learnt < 2 ? shortest : second);
  }

  #isInBurst(sequence: number): boolean {
    return this.#get(numberCell(sequence)) === this.#get(BASE) + sequence - 1;
  }

  #isFromBurstBefore(sequence: number, sentAt: number): boolean {
    if (sentAt >= this.#get(FIRST_AT)) return false;
    return sequence > this.#get(FIRST_SEQUENCE) || sentAt <= this.#get(LAST_BEFORE);
  }

  #extend(sequence: number, sentAt: number): void {
    if (sentAt < this.#get(FIRST_AT)) this.#setFirst(sequence, sentAt);
    else if (sentAt >= this.#get(LAST_AT)) this.#setLast(sequence, sentAt);
  }

  #setFirst(sequence: number, sentAt: number): void {
    this.#set(FIRST_SEQUENCE, sequence);
    this.#set(FIRST_AT, sentAt);
  }

  #setLast(sequence: number, sentAt: number): void {
    this.#set(LAST_SEQUENCE, sequence);
    this.#set(LAST_AT, sentAt);
  }

  #get(cell: number): number {
    return this.#cells[this.#at + cell]!;
  }

  #set(cell: number, value: number): void {
    this.#cells[this.#at + cell] = value;
  }
}

/** When the last datagram of this place was sent. */
function sentCell(sequence: number): number {
  return PLACES + 2 * (sequence - 1);
}

/** The number that it was given. */
function numberCell(sequence: number): number {
  return PLACES + 2 * (sequence - 1) + 1;
}

// What is in which cell.
const SEEN = 0;
/** 1 if there is a burst that the next datagram may belong to. */
const BEGUN = 1;
/** The highest sequence number so far: how many datagrams this client puts into a burst. */
const SIZE = 2;
/** The number of the current burst's first datagram, and of the one's before. */
const BASE = 3;
const BASE_BEFORE = 4;
/** The earliest and the latest datagram of the current burst, by send time. */
const FIRST_SEQUENCE = 5;
const FIRST_AT = 6;
const LAST_SEQUENCE = 7;
const LAST_AT = 8;
const LAST_BEFORE = 9;
const HEARD_AT = 10;
/** Usual recent time between two bursts, in ms. */
const USUAL_INTERVAL = 11;
/** By sequence number: when the last one was sent, and the number it was given; -1 if none was. */
const PLACES = 12;
/** How many intervals were ever learnt, and the last of them. */
const LEARNT = PLACES + 2 * BURST_SIZE;
const INTERVALS = LEARNT + 1;

/** A client that slows down is believed after so many bursts, less one. */
const MOST_INTERVALS = 8;
/** A datagram this much older than its predecessors was not overtaken: its clock was set back. */
const CLOCK_STEP = 120_000;

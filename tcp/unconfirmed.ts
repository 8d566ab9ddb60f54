/**
 * Which heartbeats of a connection the server has not confirmed, in bounded memory.
 *
 * Numbers are sent in order and TCP keeps the order, so acks come in order: everything is either
 * settled (below `#first`) or open (`#first` up to `#last`), and a ring of send times is all there is.
 * A number is settled when it is acked, passed over by a later ack, or reported as unconfirmed.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import type { NumberRun } from "./events.ts";

/** What an ack meant. */
export interface Acknowledgement {
  /** Milliseconds from sending the heartbeat to its ack. */
  readonly rtt: number;
  /** Numbers that this ack passed over. */
  readonly passed: NumberRun | undefined;
}

/** The heartbeats of one connection that wait for their acks. */
export class Unconfirmed {
  readonly #timeout: number;
  readonly #sentAt = new Float64Array(MOST_OPEN);
  /** The first open number. */
  #first: number;
  /** The last number sent. */
  #last: number;
  /** The last number acked, or the one before the first. */
  #acked: number;
  #quietUntil: Instant = -Infinity;

  /** A connection whose first heartbeat is `first`; acks are due after `timeout` ms. */
  constructor(first: number, timeout: number) {
    this.#first = first;
    this.#last = this.#acked = first - 1;
    this.#timeout = timeout;
  }

  /** How many heartbeats are open. */
  get open(): number {
    return this.#last - this.#first + 1;
  }

  /** When `expire` has something to report, `undefined` if nothing is open. */
  get due(): Instant | undefined {
    if (this.open === 0) return undefined;
    return Math.max(this.#sentAt[this.#first % MOST_OPEN]! + this.#timeout, this.#quietUntil);
  }

  /** The next heartbeat was sent; returns what is given up to make room for it, if anything. */
  sent(now: Instant): NumberRun | undefined {
    const crowded = this.open === MOST_OPEN ? this.#settle(this.#last) : undefined;
    this.#sentAt[++this.#last % MOST_OPEN] = now;
    return crowded;
  }

  /**
   * An ack arrived.
   *
   * @returns what it meant, `undefined` if it came again, "unknown" if its number was never sent
   */
  ack(sequence: number, now: Instant): Acknowledgement | "unknown" | undefined {
    if (sequence > this.#last) return "unknown";
    if (sequence <= this.#acked) return undefined;
    this.#acked = sequence;
    this.#quietUntil = -Infinity;
    const passed = sequence > this.#first ? this.#settle(sequence - 1) : undefined;
    if (sequence >= this.#first) this.#first = sequence + 1;
    return { rtt: now - this.#sentAt[sequence % MOST_OPEN]!, passed };
  }

  /** Returns the heartbeats that have waited too long, one run per timeout however many there are. */
  expire(now: Instant): NumberRun | undefined {
    const due = this.due;
    if (due === undefined || now < due) return undefined;
    let old = this.#first;
    while (old < this.#last && this.#sentAt[(old + 1) % MOST_OPEN]! + this.#timeout <= now) old++;
    this.#quietUntil = now + this.#timeout;
    return this.#settle(old);
  }

  /** Returns all that are open: the connection is gone. */
  drain(): NumberRun | undefined {
    return this.open === 0 ? undefined : this.#settle(this.#last);
  }

  /** This process did not run for `by` ms, in which no ack could be read. */
  stretch(by: number): void {
    for (let n = this.#first; n <= this.#last; n++) {
      this.#sentAt[n % MOST_OPEN] = this.#sentAt[n % MOST_OPEN]! + by;
    }
  }

  #settle(to: number): NumberRun {
    const from = this.#first;
    this.#first = to + 1;
    return { from, to, count: to - from + 1 };
  }
}

/** 64 KB, and more than are sent in the default ack timeout at the shortest interval of 1 ms. */
const MOST_OPEN = 8_192;

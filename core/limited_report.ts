/**
 * One kind of event that may not be said more than once a second.
 *
 * This file knows the last of its kind and how many there were. It does not know what is reported.
 *
 * @module
 */
import type { Instant } from "./machine.ts";
import { ReportLimit } from "./report_limit.ts";

/** Holds events back and counts them; what is said is the last one and how many there were. */
export class LimitedReport<Event> {
  readonly #limit = new ReportLimit(REPORT_INTERVAL);
  #last: Event | undefined;

  /** When `flush` has something to say, `undefined` if nothing is held back. */
  get due(): Instant | undefined {
    return this.#limit.due;
  }

  /** Counts one; returns what to say now, if anything. */
  count(event: Event, now: Instant): readonly (Event & { readonly count: number })[] {
    this.#last = event;
    return this.#say(this.#limit.count(now));
  }

  /** Returns what was held back and is due. */
  flush(now: Instant): readonly (Event & { readonly count: number })[] {
    return this.#say(this.#limit.flush(now));
  }

  #say(count: number): readonly (Event & { readonly count: number })[] {
    return count === 0 ? [] : [{ ...this.#last!, count }];
  }
}

/** Often enough to notice, seldom enough to read, in ms. */
const REPORT_INTERVAL = 1_000;

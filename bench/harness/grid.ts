/**
 * Whether something that is due once per interval happens in time, and how many come at once.
 *
 * @module
 */

/** The instants `start` + k intervals, of which each is met once or missed. */
export class Grid {
  readonly #start: number;
  readonly #interval: number;
  /** The instant that is waited for, in intervals from the start. */
  #awaited = 1;

  /** Begins to wait for `start` + 1 interval; both in ms. */
  constructor(start: number, interval: number) {
    this.#start = start;
    this.#interval = interval;
  }

  /**
   * How late it is `now`, in ms, below 0 if it is a little early; from here on the first instant after
   * `now` is waited for, and another than this one.
   */
  meet(now: number): number {
    // Who decides on a next instant reads the clock before `now`, and may choose one that has passed.
    const met = Math.min(this.#awaited, Math.round((now - this.#start) / this.#interval));
    this.#awaited = Math.max(met, this.#passed(now)) + 1;
    return now - (this.#start + met * this.#interval);
  }

  /** Begins to wait for the first instant after `now`, whatever was missed. */
  rejoin(now: number): void {
    this.#awaited = this.#passed(now) + 1;
  }

  #passed(now: number): number {
    return Math.floor((now - this.#start) / this.#interval);
  }
}

/** The most of `ascending` instants that lie within any span of `length`, its end not counted. */
export function mostWithin(ascending: readonly number[], length: number): number {
  let most = 0;
  for (let last = 0, first = 0; last < ascending.length; last++) {
    while (ascending[last]! - ascending[first]! >= length) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

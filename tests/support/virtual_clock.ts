/**
 * Time that moves only when a test says so.
 *
 * @module
 */
import type { Clock } from "../../core/clock.ts";
import type { Instant } from "../../core/machine.ts";

/** A clock at instant 0; wakes that are due together fire in the order they were scheduled in. */
export class VirtualClock implements Clock {
  /** What the wall clock is ahead of the monotonic one; a test that changes it makes a step. */
  wallOffset = Date.UTC(2026, 0, 1);
  /** How many wakes were ever scheduled. */
  scheduled = 0;

  #now: Instant = 0;
  #wakes: Wake[] = [];

  /** How many wakes are scheduled now. */
  get pending(): number {
    return this.#wakes.length;
  }

  now(): Instant {
    return this.#now;
  }

  wall(now: Instant): number {
    return now + this.wallOffset;
  }

  schedule(delay: number, wake: () => void): () => void {
    this.scheduled++;
    const entry = { at: this.#now + delay, wake };
    // Behind all that are due at the same instant.
    const place = this.#wakes.findIndex(({ at }) => at > entry.at);
    this.#wakes.splice(place < 0 ? this.#wakes.length : place, 0, entry);
    return () => {
      this.#wakes = this.#wakes.filter((other) => other !== entry);
    };
  }

  /** Lets `ms` pass and fires what becomes due, each wake at its own instant. */
  advance(ms: number): void {
    const until = this.#now + ms;
    while (this.#wakes.length > 0 && this.#wakes[0]!.at <= until) {
      const { at, wake } = this.#wakes.shift()!;
      this.#now = Math.max(this.#now, at);
      wake();
    }
    // A wake may have stalled beyond it.
    this.#now = Math.max(this.#now, until);
  }

  /** Lets `ms` pass as while a process is stopped: what is due fires at the next `advance`. */
  stall(ms: number): void {
    this.#now += ms;
  }
}

interface Wake {
  readonly at: Instant;
  readonly wake: () => void;
}

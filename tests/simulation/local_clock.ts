/**
 * What a process takes for the time.
 *
 * The monotonic clock drifts; the wall clock steps besides.
 *
 * @module
 */
import type { Instant } from "../../core/machine.ts";
import type { World } from "./world.ts";

/** The two clocks of one machine. */
export class LocalClock {
  readonly #world: World;
  /** A moment at which both times are known, and how fast one passes in the other. */
  #at: Instant = 0;
  #local: Instant = 0;
  #rate = 1;
  #wallOffset = Date.UTC(2026, 0, 1);

  constructor(world: World) {
    this.#world = world;
  }

  /** The monotonic instant. */
  now(): Instant {
    return this.#local + (this.#world.now - this.#at) * this.#rate;
  }

  /** Milliseconds since 1970 at a monotonic instant. */
  wall(now: Instant): number {
    return now + this.#wallOffset;
  }

  /** The true time at which this clock will show `local`. */
  trueTime(local: Instant): Instant {
    return this.#at + (local - this.#local) / this.#rate;
  }

  /** From now on it is fast by so many millionths. */
  drift(ppm: number): void {
    this.#local = this.now();
    this.#at = this.#world.now;
    this.#rate = 1 + ppm / 1e6;
  }

  /** Somebody sets the wall clock ahead by so many ms. */
  step(by: number): void {
    this.#wallOffset += by;
  }
}

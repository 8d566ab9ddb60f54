/**
 * The contract every protocol keeps: bytes and time go in, values and a deadline come out.
 *
 * This file knows what a machine is. It does not know any protocol, clock or socket.
 *
 * @module
 */

/** Milliseconds on a monotonic scale. Never put one on the wire. */
export type Instant = number;

/** A source of randomness: a number in [0, 1). `Math.random` is one; tests pass a seeded one. */
export type Random = () => number;

/**
 * A protocol, or one side of it, without any I/O.
 *
 * The same inputs at the same instants always cause the same outputs, which is why a test can run
 * hours of it in milliseconds. Modelled on quinn-proto's `handle_event` / `handle_timeout` /
 * `poll_timeout`.
 */
export interface Machine<Input, Output> {
  /** Takes one input at `now` and returns everything it caused, in order. */
  handle(input: Input, now: Instant): readonly Output[];
  /** Fires what is due at `now`. A call that comes early or twice returns `[]`. */
  tick(now: Instant): readonly Output[];
  /**
   * When `tick` is next due, `undefined` if never. It may be earlier than strictly needed (a lazily
   * re-armed deadline), so a tick at this instant may fire nothing; it is never later.
   */
  readonly deadline: Instant | undefined;
  /**
   * This process did not run for `by` ms. A machine that gives verdicts about peers has this method and
   * moves its deadlines by as much; its ticks come after the inputs that already wait. One that only
   * keeps a schedule has none.
   */
  stalled?(by: number, now: Instant): readonly Output[];
  /** What must be in time beside the verdicts, and so waits for no input. */
  readonly schedule?: Ticked<Output>;
}

/** The part of a machine that is ticked in time, whatever inputs wait. */
export type Ticked<Output> = Pick<Machine<never, Output>, "tick" | "deadline">;

/**
 * What a machine returns when nothing happened: shared, so that the hot path allocates nothing.
 *
 * @example
 * ```ts
 * import { type Machine, NOTHING } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * // Rings once, at `deadline`.
 * class Alarm implements Machine<never, "ring"> {
 *   constructor(public deadline: number | undefined) {}
 *   handle() {
 *     return NOTHING;
 *   }
 *   tick(now: number) {
 *     if (this.deadline === undefined || now < this.deadline) return NOTHING;
 *     this.deadline = undefined;
 *     return ["ring"] as const;
 *   }
 * }
 * const alarm = new Alarm(500);
 * assertEquals(alarm.tick(499), NOTHING);
 * assertEquals(alarm.tick(500), ["ring"]);
 * assertEquals(alarm.tick(501), NOTHING);
 * ```
 */
export const NOTHING: readonly never[] = Object.freeze([]);

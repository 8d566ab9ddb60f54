/**
 * The clock of this machine: an impure file of `core`.
 *
 * @module
 */
import type { Instant } from "./machine.ts";

/**
 * Time as the library needs it. Tests pass a virtual one.
 *
 * @example A wall clock that is a day ahead
 * ```ts
 * import { type Clock, systemClock } from "@heartline/heartline/core";
 * import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";
 * import { assert } from "@std/assert";
 *
 * const right = systemClock();
 * const clock: Clock = { ...right, wall: (now) => right.wall(now) + 86_400_000 };
 * await using server = await serveTcpHeartbeats({ port: 0, emitBeats: true });
 * await using _client = await sendTcpHeartbeats({ port: server.address.port, clock });
 * for await (const event of server) {
 *   if (event.type !== "beat") continue;
 *   assert(event.transit < -86_000_000); // the two clocks differ, and no deadline depends on it
 *   break;
 * }
 * ```
 */
export interface Clock {
  /** Milliseconds on a scale that never steps. */
  now(): Instant;
  /**
   * Milliseconds since 1970 at `now`, with fractions. It follows steps of the wall clock within
   * 50 ms and is for the wire and for people: no deadline may depend on it.
   *
   * @param now an instant just read from `now()`
   */
  wall(now: Instant): number;
  /**
   * Calls `wake` once after `delay` ms, or somewhat later; returns what cancels it. Any delay
   * works, also one above 2^31 ms.
   */
  schedule(delay: number, wake: () => void): () => void;
}

/**
 * A clock on `performance.now`, `Date.now` and `setTimeout`.
 *
 * @example
 * ```ts
 * import { systemClock } from "@heartline/heartline/core";
 * import { assert } from "@std/assert";
 *
 * const clock = systemClock();
 * const now = clock.now();
 * assert(Math.abs(clock.wall(now) - Date.now()) < 100);
 * ```
 */
export function systemClock(): Clock {
  // `Date.now` has whole milliseconds and costs a call; so the wall time is the monotonic time plus
  // an offset, which is compared with `Date.now` now and then to notice steps.
  let offset = performance.timeOrigin;
  let checkAt = -Infinity;
  return {
    now: () => performance.now(),
    wall(now) {
      if (now >= checkAt) {
        checkAt = now + WALL_CHECK;
        const error = Date.now() - (now + offset);
        if (Math.abs(error) > WALL_STEP) offset += error;
      }
      return now + offset;
    },
    schedule(delay, wake) {
      let timer: ReturnType<typeof setTimeout>;
      const arm = (left: number): void => {
        const step = Math.min(left, LONGEST_TIMER);
        timer = setTimeout(() => left > step ? arm(left - step) : wake(), step);
      };
      arm(Math.max(0, delay));
      return () => clearTimeout(timer);
    },
  };
}

/** The wall clock is compared this often, in milliseconds. */
const WALL_CHECK = 50;
/** `Date.now` truncates to 1 ms; a difference above this is a step or a slew to follow. */
const WALL_STEP = 2;
/** A longer `setTimeout` fires at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

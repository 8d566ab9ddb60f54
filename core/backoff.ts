/**
 * How long to wait before trying again.
 *
 * The machine that waits hands in the random number: there is no clock and no random source here.
 *
 * @module
 */
import { checkDuration } from "./check.ts";
import type { Random } from "./machine.ts";

/** The two lengths of time that shape a backoff, in milliseconds. */
export interface BackoffOptions {
  /** The ceiling of the first wait. @default 250 */
  base?: number;
  /** The ceiling of every wait. @default 5000 */
  cap?: number;
}

/**
 * Full jitter: a wait drawn evenly from 0 up to a ceiling that doubles with each failed attempt.
 *
 * Clients that lost the same server at the same moment then come back spread over the whole range
 * instead of together. Source: Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture
 * Blog, 2015.
 *
 * @param attempt failed attempts so far, counted from 0
 * @param random a source of numbers in [0, 1)
 * @returns milliseconds to wait, below the ceiling
 *
 * @example
 * ```ts
 * import { fullJitter } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const middle = () => 0.5;
 * assertEquals(fullJitter(0, middle), 125);
 * assertEquals(fullJitter(2, middle), 500);
 * assertEquals(fullJitter(99, middle), 2_500); // capped
 * ```
 */
export function fullJitter(attempt: number, random: Random, options: BackoffOptions = {}): number {
  const { base = 250, cap = 5_000 } = options;
  return random() * Math.min(cap, base * 2 ** attempt);
}

/**
 * Fills in the defaults.
 *
 * @throws {HeartlineError} `invalid-option`
 *
 * @example
 * ```ts
 * import { checkBackoff } from "@heartline/heartline/core";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(checkBackoff({ cap: 1_000 }), { base: 250, cap: 1_000 });
 * assertThrows(() => checkBackoff({ base: -1 }), Error, "Cannot use backoff.base");
 * ```
 */
export function checkBackoff(options: BackoffOptions = {}): Required<BackoffOptions> {
  const { base = 250, cap = 5_000 } = options;
  return { base: checkDuration("backoff.base", base), cap: checkDuration("backoff.cap", cap) };
}

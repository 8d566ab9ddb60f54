/**
 * Checks of option values, so that a wrong one is refused where it is given and not where it hurts.
 *
 * @module
 */
import { HeartlineError } from "./errors.ts";

/** The range an option must lie in; both ends belong to it. */
export interface Range {
  /** The smallest value. @default 0 */
  min?: number;
  /** The largest value. @default Infinity */
  max?: number;
  /** Only whole numbers are allowed. @default false */
  integer?: boolean;
}

/**
 * Returns `value` if it is a number within `range`, else throws.
 *
 * @throws {HeartlineError} `invalid-option`, naming the option, the range and the value found
 *
 * @example
 * ```ts
 * import { checkNumber } from "@heartline/heartline/core";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * assertEquals(checkNumber("port", 6500, { max: 65535, integer: true }), 6500);
 * assertThrows(
 *   () => checkNumber("port", 65536, { max: 65535, integer: true }),
 *   Error,
 *   "Cannot use port: wanted a whole number in 0..65535, current value is 65536",
 * );
 * ```
 */
export function checkNumber(name: string, value: number, range: Range = {}): number {
  const { min = 0, max = Infinity, integer = false } = range;
  // NaN fails both comparisons, so it is refused without a case of its own; "1" would pass them.
  const isNumber = typeof value === "number";
  if (isNumber && value >= min && value <= max && (!integer || Number.isInteger(value))) {
    return value;
  }
  const kind = integer ? "a whole number" : "a number";
  const bounds = max === Infinity ? `of at least ${min}` : `in ${min}..${max}`;
  throw new HeartlineError(
    "invalid-option",
    `Cannot use ${name}: wanted ${kind} ${bounds}, current value is ${shown(value)}`,
  );
}

/**
 * Returns `ms` if it is a length of time above zero; `Infinity` is one.
 *
 * @throws {HeartlineError} `invalid-option`
 *
 * @example
 * ```ts
 * import { checkDuration } from "@heartline/heartline/core";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => checkDuration("timeout", 0), Error, "Cannot use timeout");
 * ```
 */
export function checkDuration(name: string, ms: number): number {
  if (typeof ms === "number" && ms > 0) return ms;
  throw new HeartlineError(
    "invalid-option",
    `Cannot use ${name}: wanted a number of milliseconds above 0, current value is ${shown(ms)}`,
  );
}

/** A value from outside may be an object that has no text, or one that throws when asked for it. */
function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? "an object" : String(value);
}

/**
 * Wall-clock times as text on the wire: seconds since 1970 with decimals.
 *
 * @module
 */

/**
 * Reads `seconds` or `seconds.decimals`, which must fill `bytes[at..end)`: 1 to 12 digits, then none
 * or 1 to 9 decimals.
 *
 * @returns milliseconds since 1970, or -1 if it is malformed; never throws
 *
 * @example
 * ```ts
 * import { decodeTimestamp } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new TextEncoder().encode("1752356183.25");
 * assertEquals(decodeTimestamp(bytes, 0, bytes.length), 1752356183250);
 * assertEquals(decodeTimestamp(bytes, 0, 11), -1); // no decimals behind the point
 * ```
 */
export function decodeTimestamp(bytes: Uint8Array, at: number, end: number): number {
  const start = at;
  let seconds = 0;
  for (let digit; at < end && (digit = bytes[at]! - ZERO) >= 0 && digit <= 9; at++) {
    seconds = seconds * 10 + digit;
  }
  if (at === start || at - start > MAX_SECONDS_DIGITS) return -1;
  if (at === end) return seconds * 1000;
  if (bytes[at] !== POINT) return -1;
  const decimals = end - ++at;
  if (decimals < 1 || decimals > MAX_DECIMALS) return -1;
  let fraction = 0;
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO;
    if (!(digit >= 0 && digit <= 9)) return -1;
    fraction = fraction * 10 + digit;
  }
  // One division by a power of ten, so that decimals come out as they were written.
  return seconds * 1000 + fraction * 1000 / POWERS_OF_TEN[decimals]!;
}

/**
 * Writes a time as {@linkcode decodeTimestamp} reads it, rounded to `decimals`. What it writes is read
 * as a number that it writes the same way again, however far away the time is.
 *
 * @param ms milliseconds since 1970, 0 or more and below 10^15
 * @param decimals 3 to 9
 *
 * @example
 * ```ts
 * import { encodeTimestamp } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(encodeTimestamp(1752356183250, 4), "1752356183.2500");
 * ```
 */
export function encodeTimestamp(ms: number, decimals: number): string {
  // A remainder is exact. A quotient is not, and would lose the last decimals of times far away.
  const rest = ms % 1000;
  const fraction = Math.round(rest * POWERS_OF_TEN[decimals]! / 1000);
  const carry = fraction === POWERS_OF_TEN[decimals] ? 1 : 0;
  const seconds = (ms - rest) / 1000 + carry;
  return `${seconds}.${String(carry === 1 ? 0 : fraction).padStart(decimals, "0")}`;
}

/** The year 33,658; it keeps milliseconds an exact integer with room for decimals. */
const MAX_SECONDS_DIGITS = 12;
/** Nanoseconds; no clock has more. */
const MAX_DECIMALS = 9;
const POWERS_OF_TEN = Float64Array.from({ length: MAX_DECIMALS + 1 }, (_, n) => 10 ** n);
const POINT = 0x2e;
const ZERO = 0x30;

/**
 * A number that nobody else knows: an impure file of `core`.
 *
 * @module
 */

/**
 * A whole number of 32 bits that no peer can guess, for machines that find peers by a hash: who knows it
 * could choose ids or addresses that all collide.
 *
 * @example
 * ```ts
 * import { AddressMap, randomSeed } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const names = new AddressMap<string>(randomSeed());
 * names.set({ hostname: "10.0.0.7", port: 5001 }, "door sensor");
 * assertEquals(names.get({ hostname: "10.0.0.7", port: 5001 }), "door sensor");
 * ```
 */
export function randomSeed(): number {
  return crypto.getRandomValues(new Int32Array(1))[0]!;
}

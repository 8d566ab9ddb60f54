/**
 * A map keyed by address.
 *
 * @module
 */
import type { Address } from "./address.ts";
import { AddressIndex } from "./address_index.ts";

/**
 * A map keyed by address, faster than one keyed by text. The place of an address that was deleted is used
 * again; the map does not shrink.
 *
 * @example
 * ```ts
 * import { AddressMap } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const names = new AddressMap<string>();
 * names.set({ hostname: "10.0.0.7", port: 5001 }, "door sensor");
 * assertEquals(names.get({ hostname: "10.0.0.7", port: 5001 }), "door sensor");
 * assertEquals(names.size, 1);
 * ```
 */
export class AddressMap<Value> {
  readonly #places: AddressIndex;
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  /**
   * Makes an empty map.
   *
   * @param seed any whole number; one that nobody else knows keeps others from choosing addresses that
   * are slow to find
   */
  constructor(seed = 0) {
    this.#places = new AddressIndex(seed);
  }

  /** How many addresses are in the map. */
  get size(): number {
    return this.#places.size;
  }

  /** The value at an address, or `undefined`. */
  get(address: Address): Value | undefined {
    const place = this.#places.get(address);
    return place === undefined ? undefined : this.#values[place];
  }

  /** Puts a value at an address, in place of the one that was there. */
  set(address: Address, value: Value): void {
    let place = this.#places.get(address);
    if (place === undefined) {
      place = this.#free.pop() ?? this.#values.length;
      this.#places.set(address, place);
    }
    this.#values[place] = value;
  }

  /** Removes an address and says whether it was there. */
  delete(address: Address): boolean {
    const place = this.#places.delete(address);
    if (place === undefined) return false;
    this.#values[place] = undefined;
    this.#free.push(place);
    return true;
  }

  /** All values, in the order of their places. */
  *values(): Generator<Value, void, undefined> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }
}

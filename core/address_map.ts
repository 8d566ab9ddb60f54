/**
 * A map keyed by address.
 *
 * This file knows how an address is found among 100,000. It does not know what is kept there.
 *
 * A `Map` of host names would do, but it keeps each key in an object of its own, and with 100,000 of them
 * each of these comes from memory by itself, for every datagram. Here an address is one number, and the
 * numbers lie side by side.
 *
 * @module
 */
import type { Address } from "./address.ts";

/**
 * A map keyed by address that builds no key: a lookup costs no string and three places in memory, which
 * matters once per datagram. What was deleted leaves its place to the next one, and the map does not
 * shrink.
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
  readonly #seed: number;
  /** Numbers of the hosts that are no IPv4 address, and how many addresses of each there are. */
  readonly #names = new Map<string, { readonly number: number; uses: number }>();
  #named = 0;
  /** The address at each place as one number. */
  #keys = new Float64Array(INITIAL_ROOM);
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];
  /** Places by the hash of their address, with linear probing; at least half of it is empty. */
  #table = new Int32Array(2 * INITIAL_ROOM).fill(NONE);

  /**
   * Makes an empty map.
   *
   * @param seed any whole number; one that nobody else knows keeps others from choosing addresses that
   * are slow to find
   */
  constructor(seed = 0) {
    this.#seed = seed;
  }

  /** How many addresses are in the map. */
  get size(): number {
    return this.#values.length - this.#free.length;
  }

  /** The value at an address, or `undefined`. */
  get({ hostname, port }: Address): Value | undefined {
    const key = this.#keyOf(hostname, port);
    if (key === undefined) return undefined;
    const place = this.#table[this.#seek(key)]!;
    return place === NONE ? undefined : this.#values[place];
  }

  /** Puts a value at an address, in place of the one that was there. */
  set({ hostname, port }: Address, value: Value): void {
    const known = this.#keyOf(hostname, port);
    const place = known === undefined ? NONE : this.#table[this.#seek(known)]!;
    if (place !== NONE) {
      this.#values[place] = value;
      return;
    }
    if (this.size === this.#keys.length) this.#grow();
    const key = this.#claim(hostname, port);
    const added = this.#free.pop() ?? this.#values.length;
    this.#keys[added] = key;
    this.#values[added] = value;
    this.#table[this.#seek(key)] = added;
  }

  /** Removes an address and says whether it was there. */
  delete({ hostname, port }: Address): boolean {
    const key = this.#keyOf(hostname, port);
    if (key === undefined) return false;
    const at = this.#seek(key), place = this.#table[at]!;
    if (place === NONE) return false;
    this.#close(at);
    this.#values[place] = undefined;
    this.#free.push(place);
    const name = this.#names.get(hostname);
    if (name && --name.uses === 0) this.#names.delete(hostname);
    return true;
  }

  /** All values in the order in which they were added, but that some took the places of others. */
  *values(): Generator<Value, void, undefined> {
    for (const value of this.#values) if (value !== undefined) yield value;
  }

  /** The number of an address, `undefined` if its host has none yet. */
  #keyOf(hostname: string, port: number): number | undefined {
    const host = ipv4Of(hostname) ?? this.#names.get(hostname)?.number;
    return host === undefined ? undefined : host * PORTS + port;
  }

  /** The number of an address that is added. */
  #claim(hostname: string, port: number): number {
    const ipv4 = ipv4Of(hostname);
    if (ipv4 !== undefined) return ipv4 * PORTS + port;
    let name = this.#names.get(hostname);
    if (!name) this.#names.set(hostname, name = { number: IPV4_HOSTS + this.#named++, uses: 0 });
    name.uses++;
    return name.number * PORTS + port;
  }

  /** Where in the table an address is, or where it would be put. */
  #seek(key: number): number {
    const table = this.#table, last = table.length - 1;
    let at = this.#hash(key) & last;
    for (let place; (place = table[at]!) !== NONE && this.#keys[place] !== key;) {
      at = (at + 1) & last;
    }
    return at;
  }

  /** Empties one entry of the table, and moves those behind it that would not be found any more. */
  #close(gap: number): void {
    const table = this.#table, last = table.length - 1;
    for (let at = (gap + 1) & last, place; (place = table[at]!) !== NONE; at = (at + 1) & last) {
      const home = this.#hash(this.#keys[place]!);
      if (((at - home) & last) < ((at - gap) & last)) continue;
      table[gap] = place;
      gap = at;
    }
    table[gap] = NONE;
  }

  #grow(): void {
    const keys = this.#keys;
    this.#keys = new Float64Array(2 * keys.length);
    this.#keys.set(keys);
    this.#table = new Int32Array(4 * keys.length).fill(NONE);
    for (let place = 0; place < keys.length; place++) this.#table[this.#seek(keys[place]!)] = place;
  }

  /** The finalizer of MurmurHash3, in which each bit of the address and the seed moves half of all. */
  #hash(key: number): number {
    // No remainder: that of a fraction takes longer than all the rest.
    const host = Math.floor(key / PORTS);
    let hash = host ^ this.#seed;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) ^ (key - host * PORTS);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }
}

/** An IPv4 address as a number; `undefined` for any other text, also one with a leading zero. */
function ipv4Of(hostname: string): number | undefined {
  let address = 0, part = -1, parts = 1;
  for (let i = 0; i < hostname.length; i++) {
    const digit = hostname.charCodeAt(i) - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (part === 0) return undefined;
      part = part < 0 ? digit : part * 10 + digit;
      if (part > 255) return undefined;
    } else {
      if (digit !== DOT || part < 0) return undefined;
      address = address * 256 + part;
      part = -1;
      parts++;
    }
  }
  return parts === 4 && part >= 0 ? address * 256 + part : undefined;
}

const NONE = -1;
const PORTS = 65_536;
const IPV4_HOSTS = 2 ** 32;
const INITIAL_ROOM = 16;
const ZERO = 0x30;
const DOT = 0x2e - ZERO;

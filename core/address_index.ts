/**
 * A number for each of many addresses.
 *
 * A `Map` of host names would do, but it keeps each key in an object of its own: with 100,000 of them
 * every datagram costs several cache misses. Here an address is a number as well, and lies beside the
 * number it stands for.
 *
 * @module
 */
import type { Address } from "./address.ts";

/**
 * The numbers of addresses, such as slots of `Deadlines`. It builds no text: a lookup costs one cache
 * miss, which matters at every datagram. It does not shrink.
 *
 * @example
 * ```ts
 * import { AddressIndex } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const slots = new AddressIndex();
 * slots.set({ hostname: "10.0.0.7", port: 5001 }, 3);
 * assertEquals(slots.get({ hostname: "10.0.0.7", port: 5001 }), 3);
 * assertEquals(slots.size, 1);
 * ```
 */
export class AddressIndex {
  readonly #seed: number;
  /** Numbers of the hosts that are no IPv4 address, and how many addresses of each there are. */
  readonly #names = new Map<string, { readonly number: number; uses: number }>();
  #named = 0;
  #size = 0;
  /** Each address as a key and its number behind it, at the hash of the key, with linear probing. */
  #entries = emptyEntries(INITIAL_ENTRIES);

  /**
   * Makes an empty index.
   *
   * @param seed any whole number; one that nobody else knows keeps others from choosing addresses that
   * are slow to find
   */
  constructor(seed = 0) {
    this.#seed = seed;
  }

  /** How many addresses have a number. */
  get size(): number {
    return this.#size;
  }

  /** The number of an address, or `undefined`. */
  get(address: Address): number | undefined {
    const at = this.#find(address);
    return at === NONE ? undefined : this.#entries[at + 1];
  }

  /** Gives an address a number, in place of the one it had. */
  set(address: Address, number: number): void {
    const at = this.#find(address);
    if (at !== NONE) {
      this.#entries[at + 1] = number;
      return;
    }
    if (FULL * ++this.#size > this.#entries.length / 2) this.#grow();
    this.#put(this.#claim(address), number);
  }

  /** Removes an address and returns its number; `undefined` if it had none. */
  delete(address: Address): number | undefined {
    const at = this.#find(address);
    if (at === NONE) return undefined;
    const number = this.#entries[at + 1];
    this.#close(at);
    this.#size--;
    const name = this.#names.get(address.hostname);
    if (name && --name.uses === 0) this.#names.delete(address.hostname);
    return number;
  }

  /** Where the entry of an address is, or `NONE`. */
  #find({ hostname, port }: Address): number {
    const host = ipv4Of(hostname) ?? this.#names.get(hostname)?.number;
    if (host === undefined) return NONE;
    const key = host * PORTS + port, at = this.#seek(key);
    return this.#entries[at] === key ? at : NONE;
  }

  /** The key of an address that is added. */
  #claim({ hostname, port }: Address): number {
    const ipv4 = ipv4Of(hostname);
    if (ipv4 !== undefined) return ipv4 * PORTS + port;
    let name = this.#names.get(hostname);
    if (!name) this.#names.set(hostname, name = { number: IPV4_HOSTS + this.#named++, uses: 0 });
    name.uses++;
    return name.number * PORTS + port;
  }

  /** Where the entry of a key is, or where it would be put. */
  #seek(key: number): number {
    const entries = this.#entries, last = entries.length - 2;
    let at = this.#hash(key) & last;
    for (let found; (found = entries[at]!) !== key && found !== NONE;) at = (at + 2) & last;
    return at;
  }

  /** Adds an entry, for which there is room. */
  #put(key: number, number: number): void {
    const at = this.#seek(key);
    this.#entries[at] = key;
    this.#entries[at + 1] = number;
  }

  /** Empties an entry, and moves those behind it that would not be found any more. */
  #close(gap: number): void {
    const entries = this.#entries, last = entries.length - 2;
    for (let at = (gap + 2) & last, key; (key = entries[at]!) !== NONE; at = (at + 2) & last) {
      const home = this.#hash(key) & last;
      if (((at - home) & last) < ((at - gap) & last)) continue;
      entries[gap] = key;
      entries[gap + 1] = entries[at + 1]!;
      gap = at;
    }
    entries[gap] = NONE;
  }

  #grow(): void {
    const before = this.#entries;
    this.#entries = emptyEntries(before.length);
    for (let from = 0; from < before.length; from += 2) {
      if (before[from] !== NONE) this.#put(before[from]!, before[from + 1]!);
    }
  }

  /**
   * The finalizer of MurmurHash3, in which each bit of the address and the seed flips half of the bits of
   * the hash.
   */
  #hash(key: number): number {
    // No `%`: on numbers above 2^31 it takes longer than all the rest.
    const host = Math.floor(key / PORTS);
    let hash = host ^ this.#seed;
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) ^ (key - host * PORTS);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    return hash ^ (hash >>> 16);
  }
}

function emptyEntries(count: number): Float64Array {
  return new Float64Array(2 * count).fill(NONE);
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
const INITIAL_ENTRIES = 32;
/** The least number of entries to an address: a fifth stays empty. */
const FULL = 5 / 4;
const ZERO = 0x30;
const DOT = 0x2e - ZERO;

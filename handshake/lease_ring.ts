/**
 * Leases in the order in which they end, found by their ids.
 *
 * A `Map` of objects would do, but where a hundred thousand leases begin and end each second, objects of
 * that age are slow to collect; and to find that an id is not there, a map compares the hashes of all ids
 * of a bucket, at a cache miss each; here the hashes lie in one array.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import type { Lease } from "./lease.ts";

/** A ring of a fixed number of places for leases; a place is used again when the ring has gone round. */
export class LeaseRing {
  readonly #room: number;
  readonly #seed: number;
  readonly #ids: string[];
  readonly #hosts: string[];
  /** When each lease ends, its holder's port and connection. */
  readonly #numbers: Float64Array;
  /** The hash of each id, and the next place of the same bucket. */
  readonly #links: Int32Array;
  /** The first place of each bucket. */
  readonly #buckets: Int32Array;
  /** The lease that ends first. */
  #first = 0;
  /** Places from the first lease to the last, those of removed ones between them included. */
  #span = 0;
  #size = 0;

  /**
   * Makes an empty ring.
   *
   * @param seed any whole number; one that nobody else knows keeps others from choosing ids of one hash
   * @param room how many leases it can hold, a power of two
   */
  constructor(seed: number, room: number = INITIAL_ROOM) {
    this.#seed = seed;
    this.#room = room;
    this.#ids = new Array(room).fill(NOBODY);
    this.#hosts = new Array(room).fill(NOBODY);
    this.#numbers = new Float64Array(3 * room);
    this.#links = new Int32Array(2 * room);
    this.#buckets = new Int32Array(2 * room).fill(NONE);
  }

  /** How many leases there are. */
  get size(): number {
    return this.#size;
  }

  /** Whether nothing can be added. */
  get full(): boolean {
    return this.#span === this.#room;
  }

  /** The place of the lease that ends first, `NONE` if there is none. */
  get first(): number {
    return this.#size === 0 ? NONE : this.#first;
  }

  /** The place of an id, `NONE` if it is not there. */
  find(id: string): number {
    const hash = this.#hash(id), links = this.#links;
    let place = this.#buckets[this.#bucket(hash)]!;
    while (place !== NONE && (links[2 * place] !== hash || this.#ids[place] !== id)) {
      place = links[2 * place + 1]!;
    }
    return place;
  }

  /** When the lease at a place ends. */
  expiresAt(place: number): Instant {
    return this.#numbers[3 * place]!;
  }

  /** The lease at a place. */
  get(place: number): Lease {
    const port = this.#numbers[3 * place + 1]!, connection = this.#numbers[3 * place + 2]!;
    const holder = { address: { hostname: this.#hosts[place]!, port }, connection };
    return { id: this.#ids[place]!, holder, expiresAt: this.expiresAt(place) };
  }

  /** Adds a lease that ends after all others, whose id is not there. */
  add({ id, holder: { address, connection }, expiresAt }: Lease): void {
    const place = (this.#first + this.#span++) % this.#room;
    this.#size++;
    this.#ids[place] = id;
    this.#hosts[place] = address.hostname;
    this.#numbers[3 * place] = expiresAt;
    this.#numbers[3 * place + 1] = address.port;
    this.#numbers[3 * place + 2] = connection;
    const hash = this.#hash(id), bucket = this.#bucket(hash);
    this.#links[2 * place] = hash;
    this.#links[2 * place + 1] = this.#buckets[bucket]!;
    this.#buckets[bucket] = place;
  }

  /** Removes the lease at a place. */
  remove(place: number): void {
    const links = this.#links, next = links[2 * place + 1]!;
    const bucket = this.#bucket(links[2 * place]!);
    let before = this.#buckets[bucket]!;
    if (before === place) {
      this.#buckets[bucket] = next;
    } else {
      while (links[2 * before + 1] !== place) before = links[2 * before + 1]!;
      links[2 * before + 1] = next;
    }
    this.#ids[place] = this.#hosts[place] = NOBODY;
    this.#size--;
    for (; this.#span > 0 && this.#ids[this.#first] === NOBODY; this.#span--) {
      this.#first = (this.#first + 1) % this.#room;
    }
  }

  /** The same leases with twice the room. */
  enlarged(): LeaseRing {
    const ring = new LeaseRing(this.#seed, 2 * this.#room);
    for (let i = 0; i < this.#span; i++) {
      const place = (this.#first + i) % this.#room;
      if (this.#ids[place] !== NOBODY) ring.add(this.get(place));
    }
    return ring;
  }

  /** FNV-1a, and a last step that carries the high bits down to where buckets are chosen. */
  #hash(id: string): number {
    let hash = this.#seed;
    for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
    return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  }

  #bucket(hash: number): number {
    return (hash >>> 7) & (this.#buckets.length - 1);
  }
}

/** No place. */
export const NONE = -1;
/** No id and no host is empty. */
const NOBODY = "";
const INITIAL_ROOM = 64;

/**
 * Who has which id, and until when.
 *
 * ```text
 *         HELLO from anybody: OK              lease ms after the first OK, to the instant
 *  free ─────────────────────────▶ leased ──────────────────────────────────────────────▶ free
 *                                  │    ▲
 *                                  └────┘ HELLO from its holder: the same OK, the same end
 *                                         HELLO from anybody else: RESET
 * ```
 *
 * Laws: an id has at most one holder; a lease ends exactly `lease` ms after it was granted, whatever
 * happens in between, asked again or not; it is a promise about time and not a verdict about a peer, so
 * a pause of our own process does not move it; the table never holds more than `maxLeases`.
 *
 * @module
 */
import { checkDuration, checkNumber } from "../core/check.ts";
import type { Instant } from "../core/machine.ts";
import type { Asker, Lease } from "./lease.ts";
import { LeaseRing, NONE } from "./lease_ring.ts";

/** How long leases last and how many there are. */
export interface LeaseOptions {
  /** Milliseconds from the OK until the id is free again. @default 30_000 */
  lease?: number;
  /**
   * Ids leased at a time at most; at the limit new ones get a RESET. The default bounds the table to
   * some 30 MB and still grants 3,300 new ids a second for ever. @default 100_000
   */
  maxLeases?: number;
}

/**
 * Leases ids for a fixed time. All last equally long, so they end in the order in which they began, and
 * the queue of deadlines is that order.
 */
export class LeaseTable {
  #ring: LeaseRing;
  readonly #lease: number;
  readonly #maxLeases: number;

  /**
   * Makes a table in which every id is free.
   *
   * @param seed a whole number that nobody else knows: see `LeaseRing`
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: LeaseOptions = {}, seed = 0) {
    this.#lease = checkDuration("lease", options.lease ?? 30_000);
    const { maxLeases = 100_000 } = options;
    this.#maxLeases = checkNumber("maxLeases", maxLeases, { min: 1, integer: true });
    this.#ring = new LeaseRing(seed);
  }

  /** When the next lease ends. */
  get next(): Instant | undefined {
    const { first } = this.#ring;
    return first === NONE ? undefined : this.#ring.expiresAt(first);
  }

  /** How many ids are leased; those that are over count until `expire` has returned them. */
  get size(): number {
    return this.#ring.size;
  }

  /** The lease of an id at `now`, `undefined` if it is free. */
  get(id: string, now: Instant): Lease | undefined {
    const place = this.#ring.find(id);
    return place === NONE || now >= this.#ring.expiresAt(place) ? undefined : this.#ring.get(place);
  }

  /** Whether there is no room for one more id. */
  get full(): boolean {
    return this.#ring.size >= this.#maxLeases;
  }

  /** Leases an id that is free, from `now` on. */
  grant(id: string, holder: Asker, now: Instant): Lease {
    const over = this.#ring.find(id);
    if (over !== NONE) this.#ring.remove(over);
    if (this.#ring.full) this.#ring = this.#ring.enlarged();
    const lease = { id, holder, expiresAt: now + this.#lease };
    this.#ring.add(lease);
    return lease;
  }

  /** Removes and returns one lease that is over at `now`. */
  expire(now: Instant): Lease | undefined {
    const { first } = this.#ring;
    if (first === NONE || this.#ring.expiresAt(first) > now) return undefined;
    const lease = this.#ring.get(first);
    this.#ring.remove(first);
    return lease;
  }
}

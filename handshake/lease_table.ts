/**
 * Who has which id, and until when.
 *
 * This file knows leases and instants. It does not know messages' senders beyond telling them apart.
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
import type { Address } from "../core/address.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import type { Instant } from "../core/machine.ts";
import { formatReply } from "./message.ts";

/** Who asks: over UDP an address, over TCP a connection. */
export interface Asker {
  /** Its address as we see it. */
  readonly address: Address;
  /** The number of its connection, from 1 on; 0 over UDP. */
  readonly connection: number;
}

/** An id in use. */
export interface Lease {
  /** The connection id. */
  readonly id: string;
  /** Who has it. */
  readonly holder: Asker;
  /** From this instant on it is free. */
  readonly expiresAt: Instant;
  /** The OK, written once. */
  readonly reply: Uint8Array;
}

/** How long leases last and how many there are. */
export interface LeaseOptions {
  /** Milliseconds from the OK until the id is free again. @default 30_000 */
  lease?: number;
  /**
   * Ids leased at a time at most; at the limit new ones get a RESET. The default bounds the table to
   * some 50 MB and still grants 3,300 new ids a second for ever. @default 100_000
   */
  maxLeases?: number;
}

/**
 * Leases ids for a fixed time. All last equally long, so they end in the order in which they began, and
 * that is the order of the map: the queue of deadlines is the map itself.
 */
export class LeaseTable {
  readonly #leases = new Map<string, Lease>();
  /** Stands behind `#first`; a map's iterator comes by what is added later and skips what is gone. */
  #order = this.#leases.values();
  /** The lease that ends first. */
  #first: Lease | undefined;
  /** Replies share pages: a buffer for each would cost ten times what is in it, and a microsecond. */
  #page = new Uint8Array(0);
  #used = 0;
  readonly #lease: number;
  readonly #maxLeases: number;

  /**
   * Makes a table in which every id is free.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: LeaseOptions = {}) {
    this.#lease = checkDuration("lease", options.lease ?? 30_000);
    const { maxLeases = 100_000 } = options;
    this.#maxLeases = checkNumber("maxLeases", maxLeases, { min: 1, integer: true });
  }

  /** When the next lease ends. */
  get next(): Instant | undefined {
    return this.#first?.expiresAt;
  }

  /** How many ids are leased; those that are over count until `expire` has returned them. */
  get size(): number {
    return this.#leases.size;
  }

  /** The lease of an id at `now`, `undefined` if it is free. */
  get(id: string, now: Instant): Lease | undefined {
    const lease = this.#leases.get(id);
    return lease && now < lease.expiresAt ? lease : undefined;
  }

  /** Whether there is no room for one more id. */
  get full(): boolean {
    return this.#leases.size >= this.#maxLeases;
  }

  /** Leases an id that is free, from `now` on. */
  grant(id: string, holder: Asker, now: Instant): Lease {
    const over = this.#leases.get(id);
    if (over) this.#remove(over);
    const expiresAt = now + this.#lease;
    const { hostname, port } = holder.address;
    // A copy: the runtime's object carries more than an address.
    const address = { hostname, port };
    const reply = this.#keep(formatReply({ type: "ok", id, address }));
    const lease = { id, holder: { address, connection: holder.connection }, expiresAt, reply };
    this.#leases.set(id, lease);
    if (!this.#first) {
      this.#order = this.#leases.values();
      this.#first = this.#order.next().value;
    }
    return lease;
  }

  /** Writes a reply where it stays. */
  #keep(reply: string): Uint8Array {
    const { length } = reply;
    if (this.#used + length > this.#page.length) {
      this.#page = new Uint8Array(PAGE);
      this.#used = 0;
    }
    const page = this.#page, start = this.#used;
    for (let i = 0; i < length; i++) page[start + i] = reply.charCodeAt(i);
    this.#used += length;
    return page.subarray(start, this.#used);
  }

  /** Removes and returns one lease that is over at `now`. */
  expire(now: Instant): Lease | undefined {
    const lease = this.#first;
    if (!lease || lease.expiresAt > now) return undefined;
    this.#remove(lease);
    return lease;
  }

  #remove(lease: Lease): void {
    this.#leases.delete(lease.id);
    if (lease === this.#first) this.#first = this.#order.next().value;
  }
}

/** Whether two askers are one. */
export function isSame(one: Asker, other: Asker): boolean {
  return one.connection === other.connection && one.address.port === other.address.port &&
    one.address.hostname === other.address.hostname;
}

/** Some 2,000 replies, which end within a moment of each other as they began. */
const PAGE = 65_536;

/**
 * One direction of one UDP link: datagrams go in, and come out later, twice, changed or not at all.
 *
 * Law: every datagram draws the same number of random numbers, so that a fault that strikes, or is
 * switched on, does not move those after it.
 *
 * @module
 */
import type { Instant, Random } from "../core/machine.ts";
import { DelayQueue, ITEM_COST, type SharedRoom } from "./delay_queue.ts";
import type { FaultName } from "./events.ts";
import type { DirectionFaults } from "./faults.ts";

/** A fault that struck a datagram. */
export type DatagramFault = Extract<
  FaultName,
  "loss" | "duplicate" | "reorder" | "corrupt" | "overflow"
>;

/** One direction of a link. */
export class DatagramLane {
  /** Datagrams that came in so far. */
  received = 0;
  /** Its way out is there. */
  ready = true;

  readonly #random: Random;
  readonly #queue: DelayQueue<Uint8Array>;
  #faults: DirectionFaults = {};
  #inBurst = false;
  #freeAt: Instant = -Infinity;
  /** Waits for the datagram that overtakes it. */
  #overtaken: { readonly bytes: Uint8Array; readonly until: Instant } | undefined;

  /** Makes a lane without faults; what it holds counts in `shared`, too. */
  constructor(random: Random, shared: SharedRoom) {
    this.#random = random;
    this.#queue = new DelayQueue(shared);
  }

  /** Changes what happens from here on; what is under way keeps its time. */
  set(faults: DirectionFaults): void {
    this.#faults = faults;
    this.#queue.set(faults);
  }

  /** When `release` has something; `undefined` for never. */
  get due(): Instant | undefined {
    if (!this.ready || this.#faults.blackhole) return undefined;
    const next = this.#queue.next;
    const overtaken = this.#overtaken?.until;
    return next !== undefined && overtaken !== undefined
      ? Math.min(next, overtaken)
      : next ?? overtaken;
  }

  /** Takes one datagram and names the faults that struck it. */
  take(bytes: Uint8Array, now: Instant): readonly DatagramFault[] {
    this.received++;
    const { loss = 0, duplicate = 0, reorder = 0, corrupt = 0 } = this.#faults;
    const drawn = Array.from({ length: DRAWS }, this.#random);
    const struck: DatagramFault[] = [];
    if (this.#isLost(loss, drawn[0]!)) return ["loss"];
    if (this.#queue.exceeds(costOf(bytes))) return ["overflow"];
    // A copy: the bytes belong to the socket.
    const own = bytes.slice();
    if (drawn[1]! < corrupt && own.length > 0) {
      const bit = Math.floor(drawn[2]! * own.length * 8);
      own[bit >> 3]! ^= 1 << (bit & 7);
      struck.push("corrupt");
    }
    const before = this.#overtaken;
    if (!before && drawn[3]! < reorder) {
      this.#overtaken = { bytes: own, until: now + OVERTAKE_WAIT };
      this.#queue.reserve(costOf(own));
      return [...struck, "reorder"];
    }
    this.#put(own, drawn[4]!, now);
    if (drawn[5]! < duplicate) {
      this.#put(own, drawn[6]!, now);
      struck.push("duplicate");
    }
    if (before) this.#follow(before.bytes, now);
    return struck;
  }

  /** Takes out what is due. */
  release(now: Instant): Uint8Array[] {
    const released: Uint8Array[] = [];
    if (!this.ready || this.#faults.blackhole) return released;
    if (this.#overtaken && this.#overtaken.until <= now) this.#follow(this.#overtaken.bytes, now);
    for (let bytes; (bytes = this.#queue.take(now)) !== undefined;) released.push(bytes);
    return released;
  }

  /** Forgets what it holds: the link is gone. */
  clear(): void {
    this.#queue.clear();
  }

  /** The datagram that was overtaken goes on, right behind what is under way. */
  #follow(bytes: Uint8Array, now: Instant): void {
    this.#overtaken = undefined;
    this.#queue.reserve(-costOf(bytes));
    this.#queue.put(bytes, bytes.length, Math.max(now, this.#queue.last ?? now));
  }

  #put(bytes: Uint8Array, drawn: number, now: Instant): void {
    const { latency = 0, jitter = 0, bandwidth } = this.#faults;
    const length = bytes.length;
    this.#freeAt = Math.max(this.#freeAt, now) + (bandwidth ? length * 1000 / bandwidth : 0);
    this.#queue.put(bytes, length, this.#freeAt + latency + jitter * drawn);
  }

  /** Two states (Gilbert, 1960): the mean length of a burst, and a share of `loss` over all. */
  #isLost(loss: number, drawn: number): boolean {
    const { burst = 1 } = this.#faults;
    if (burst === 1 || loss === 1) return drawn < loss;
    const enter = loss / (burst * (1 - loss));
    this.#inBurst = drawn < (this.#inBurst ? 1 - 1 / burst : enter);
    return this.#inBurst;
  }
}

function costOf(bytes: Uint8Array): number {
  return bytes.length + ITEM_COST;
}

/** Random numbers per datagram. */
const DRAWS = 7;
/** A datagram that nothing overtakes goes on after so many ms. */
const OVERTAKE_WAIT = 100;

/**
 * What is under way in one direction of a link, and how much of it there may be.
 *
 * Latency delays and must not limit: a way of 200 ms that carries 50 MB/s has 10 MB under way. What waits for
 * a bandwidth, a blackhole or a slow receiver is held like in a buffer, and that one is small.
 *
 * Laws: what comes out no later than another and came first stays before it; a direction may always hold
 * `OWN_ROOM`; all directions of a proxy together hold no more than `SHARED_ROOM` beyond that.
 *
 * @module
 */
import type { Instant } from "../core/machine.ts";
import type { DirectionFaults } from "./faults.ts";

/** What all directions of a proxy hold. */
export class SharedRoom {
  /** Bytes. */
  held = 0;

  /** Whether nobody may hold more than what is always theirs. */
  get isFull(): boolean {
    return this.held > SHARED_ROOM;
  }
}

/** Items by the instant at which they come out. */
export class DelayQueue<Item> {
  readonly #shared: SharedRoom;
  #items: Delayed<Item>[] = [];
  #head = 0;
  #held = 0;
  #room = OWN_ROOM;

  /** An empty one; what it holds counts in `shared`, too. */
  constructor(shared: SharedRoom) {
    this.#shared = shared;
  }

  /** Says which faults are in force: with a latency there is room for what is under way. */
  set({ latency = 0, jitter = 0, bandwidth = Infinity, slice, blackhole }: DirectionFaults): void {
    const delay = latency + jitter;
    const underway = delay === 0 || slice || blackhole ? 0 : bandwidth * delay / 1_000;
    this.#room = Math.min(OWN_ROOM + underway, MOST_ROOM);
  }

  /** Nothing is under way. */
  get isEmpty(): boolean {
    return this.#head === this.#items.length;
  }

  /** When the next item comes out. */
  get next(): Instant | undefined {
    return this.#items[this.#head]?.due;
  }

  /** When the last item comes out. */
  get last(): Instant | undefined {
    return this.isEmpty ? undefined : this.#items.at(-1)!.due;
  }

  /** Whether `bytes` more would be more than there is room for. */
  exceeds(bytes: number): boolean {
    const held = this.#held + bytes;
    return held > OWN_ROOM && (held > this.#room || this.#shared.isFull);
  }

  /** Puts an item of so many bytes in its place, behind those that come out no later. */
  put(item: Item, bytes: number, due: Instant): void {
    const cost = bytes + ITEM_COST;
    this.reserve(cost);
    let place = this.#items.length;
    while (place > this.#head && this.#items[place - 1]!.due > due) place--;
    if (place === this.#items.length) this.#items.push({ item, cost, due });
    else this.#items.splice(place, 0, { item, cost, due });
  }

  /** Takes out the next item, if it is due. */
  take(now: Instant): Item | undefined {
    const next = this.#items[this.#head];
    if (!next || next.due > now) return undefined;
    this.#head++;
    this.reserve(-next.cost);
    // Shifting costs the queue's length, so the head is cut off half a queue at a time.
    if (this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return next.item;
  }

  /** Counts bytes that are held beside the queue, or, below 0, no longer. */
  reserve(bytes: number): void {
    this.#held += bytes;
    this.#shared.held += bytes;
  }

  /** Forgets everything: the link is gone. */
  clear(): void {
    this.reserve(-this.#held);
    this.#items = [];
    this.#head = 0;
  }
}

interface Delayed<Item> {
  readonly item: Item;
  readonly cost: number;
  readonly due: Instant;
}

/** About what an item costs beside its bytes. */
export const ITEM_COST = 128;
/**
 * What one direction of a link always may hold: as much as the kernel's buffers, so that a proxy adds about
 * one more of them. One read (64 KiB) may come on top.
 */
export const OWN_ROOM = 262_144;
/** What a direction may have under way with a latency: a gigabit a second for 130 ms. */
const MOST_ROOM = 16_777_216;
/** What all directions together may hold, from which on each has only its own room. */
const SHARED_ROOM = 268_435_456;

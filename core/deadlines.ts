/**
 * Many deadlines in one queue, so that one timer serves 100,000 peers.
 *
 * A heap orders slots by a *key*. Moving a deadline later, which is what a heartbeat does, writes one
 * number and leaves the heap alone: the key is then too early, and is put right when it reaches the
 * top. Only moving a deadline earlier, adding and removing one touch the heap.
 *
 * @module
 */
import type { Instant } from "./machine.ts";

/** A place in the queue: a small whole number, used again after it was removed. */
export type Slot = number;

/**
 * A queue of deadlines with lazy re-arming: O(1) to move one later, O(log n) for everything else,
 * 24 bytes a slot.
 *
 * @example One queue for many peers
 * ```ts
 * import { Deadlines } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new Deadlines();
 * const first = queue.add(1_000);
 * const second = queue.add(2_000);
 * queue.arm(first, 5_000); // a beat arrived: only a number is written
 * assertEquals(queue.expire(4_000), second);
 * assertEquals(queue.expire(4_000), undefined);
 * assertEquals(queue.next, 5_000);
 * ```
 */
export class Deadlines {
  /** When each slot is really due, less the stretch in force when it was written. */
  #due = new Float64Array(INITIAL_SLOTS);
  /** Slots in heap order. */
  #heap = new Int32Array(INITIAL_SLOTS);
  /** The key of each of them, in heap order too: never later than `#due`. */
  #key = new Float64Array(INITIAL_SLOTS);
  /** Where each slot is in the heap, or `UNARMED`. */
  #place = new Int32Array(INITIAL_SLOTS);
  readonly #free: Slot[] = [];
  #slots = 0;
  #armed = 0;
  #stretch = 0;
  readonly #later: ((slot: Slot) => Instant | undefined) | undefined;

  /**
   * Makes an empty queue.
   *
   * @param later says when an armed slot is really due, if that is later than the instant it was armed for;
   * who has that at hand can move a deadline later without touching the queue
   */
  constructor(later?: (slot: Slot) => Instant | undefined) {
    this.#later = later;
  }

  /** How many slots are in use, armed or not. */
  get size(): number {
    return this.#slots - this.#free.length;
  }

  /**
   * When `expire` is next worth calling, `undefined` if nothing is armed. After `expire` returned
   * `undefined` this is exact; after re-arming it may be earlier than the first deadline.
   */
  get next(): Instant | undefined {
    return this.#armed === 0 ? undefined : this.#key[0]! + this.#stretch;
  }

  /** Takes a slot and arms it at `due`. */
  add(due: Instant): Slot {
    const slot = this.#free.pop() ?? this.#grow();
    this.#place[slot] = UNARMED;
    this.arm(slot, due);
    return slot;
  }

  /** Moves a slot's deadline to `due`, or arms it there if it has none. */
  arm(slot: Slot, due: Instant): void {
    const at = due - this.#stretch;
    this.#due[slot] = at;
    const place = this.#place[slot]!;
    if (place === UNARMED) this.#rise(slot, at, this.#armed++);
    else if (at < this.#key[place]!) this.#rise(slot, at, place);
  }

  /** When a slot is due; `undefined` if it is not armed. */
  due(slot: Slot): Instant | undefined {
    return this.#place[slot] === UNARMED ? undefined : this.#dueOf(slot) + this.#stretch;
  }

  /** Takes a slot's deadline away and keeps the slot. */
  disarm(slot: Slot): void {
    const place = this.#place[slot]!;
    if (place === UNARMED) return;
    this.#place[slot] = UNARMED;
    const last = this.#heap[--this.#armed]!;
    if (last === slot) return;
    const key = this.#key[this.#armed]!;
    this.#rise(last, key, place);
    this.#sink(last, key, this.#place[last]!);
  }

  /** Gives a slot back. */
  remove(slot: Slot): void {
    this.disarm(slot);
    this.#free.push(slot);
  }

  /** Disarms and returns one slot that is due at `now` (`due <= now`), the earliest first. */
  expire(now: Instant): Slot | undefined {
    const at = now - this.#stretch;
    while (this.#armed > 0) {
      const slot = this.#heap[0]!;
      const due = this.#dueOf(slot);
      if (this.#key[0] === due) {
        if (due > at) return undefined;
        this.disarm(slot);
        return slot;
      }
      this.#sink(slot, due, 0);
    }
    return undefined;
  }

  /** How many ms it was stretched by in all. */
  get stretched(): number {
    return this.#stretch;
  }

  /** Moves every armed deadline later by `by` ms at once, in O(1): used when our own loop stalled. */
  stretch(by: number): void {
    this.#stretch += by;
  }

  /** When a slot is really due, less the stretch. */
  #dueOf(slot: Slot): number {
    const later = this.#later?.(slot);
    return later === undefined ? this.#due[slot]! : later - this.#stretch;
  }

  #grow(): Slot {
    if (this.#slots === this.#due.length) {
      const length = this.#slots * 2;
      this.#due = copied(this.#due, new Float64Array(length));
      this.#key = copied(this.#key, new Float64Array(length));
      this.#heap = copied(this.#heap, new Int32Array(length));
      this.#place = copied(this.#place, new Int32Array(length));
    }
    return this.#slots++;
  }

  /** Puts a slot at `place`, or above it until its parent is not later. */
  #rise(slot: Slot, key: number, place: number): void {
    const keys = this.#key;
    while (place > 0) {
      const above = ((place - 1) / CHILDREN) | 0;
      if (keys[above]! <= key) break;
      this.#put(this.#heap[above]!, keys[above]!, place);
      place = above;
    }
    this.#put(slot, key, place);
  }

  /** Puts a slot at `place`, or below it until no child is earlier. */
  #sink(slot: Slot, key: number, place: number): void {
    const keys = this.#key;
    for (;;) {
      const first = CHILDREN * place + 1;
      const end = Math.min(first + CHILDREN, this.#armed);
      let least = key, child = place;
      for (let below = first; below < end; below++) {
        if (keys[below]! < least) least = keys[child = below]!;
      }
      if (child === place) break;
      this.#put(this.#heap[child]!, least, place);
      place = child;
    }
    this.#put(slot, key, place);
  }

  #put(slot: Slot, key: number, place: number): void {
    this.#heap[place] = slot;
    this.#key[place] = key;
    this.#place[slot] = place;
  }
}

function copied<Numbers extends Float64Array | Int32Array>(from: Numbers, into: Numbers): Numbers {
  into.set(from);
  return into;
}

const UNARMED = -1;
/** Four children fit one cache line, and the heap is half as deep as with two. */
const CHILDREN = 4;
const INITIAL_SLOTS = 16;

/**
 * One simulated world: one queue of what happens next, one virtual time, one seed.
 *
 * Everything that happens is a slot of one deadline queue, so there is no promise and, where it matters,
 * no object for an event.
 *
 * @module
 */
import { Deadlines, type Slot } from "../../core/deadlines.ts";
import type { Instant, Random } from "../../core/machine.ts";
import { seededRandom } from "../support/random.ts";
import { History } from "./history.ts";

/** Something is not as an invariant says. */
export class Violation extends Error {
  /** The name of the invariant, as docs/RELIABILITY.md lists it. */
  readonly invariant: string;
  /** When, in ms of true time. */
  readonly at: Instant;

  constructor(invariant: string, message: string, at: Instant) {
    super(message);
    this.invariant = invariant;
    this.at = at;
  }
}

/** Time, what is due in it, and its history. */
export class World {
  /** True time in ms; what a process takes for the time is its own `LocalClock`. */
  now: Instant = 0;
  /** Everything that was noted. */
  readonly history: History;
  /** How many events there were. */
  events = 0;

  readonly #seed: number;
  readonly #queue = new Deadlines();
  /** What to do when a slot is due. */
  readonly #acts: ((slot: Slot) => void)[] = [];
  /** The slots that are used once. */
  readonly #single: (0 | 1 | undefined)[] = [];

  constructor(seed: number, recording = false) {
    this.#seed = seed;
    this.history = new History(recording);
  }

  /** A source of randomness of its own, so that what one part draws does not move another. */
  random(...path: readonly number[]): Random {
    return seededRandom(path.reduce((hash, part) => mixed(hash ^ mixed(part)), mixed(this.#seed)));
  }

  /** A place in the queue that does `act` whenever it is due. */
  place(act: (slot: Slot) => void): Slot {
    const slot = this.#queue.add(0);
    this.#queue.disarm(slot);
    this.#acts[slot] = act;
    return slot;
  }

  /** Makes a place due at `at`; `Infinity` is never. */
  arm(slot: Slot, at: Instant): void {
    if (at === Infinity) this.#queue.disarm(slot);
    else this.#queue.arm(slot, Math.max(at, this.now));
  }

  /** Does `act` at `at`, once, and returns the slot, which is free again when `act` is called. */
  once(at: Instant, act: (slot: Slot) => void): Slot {
    const slot = this.#queue.add(Math.max(at, this.now));
    this.#acts[slot] = act;
    this.#single[slot] = 1;
    return slot;
  }

  /** Lets everything happen until `end`. */
  run(end: Instant): void {
    const queue = this.#queue, acts = this.#acts;
    for (let at; (at = queue.next) !== undefined && at <= end;) {
      const slot = queue.expire(at);
      // Its deadline was moved later, which leaves the heap as it is.
      if (slot === undefined) continue;
      this.now = at;
      this.events++;
      const act = acts[slot]!;
      if (this.#single[slot] === 1) {
        this.#single[slot] = 0;
        queue.remove(slot);
      }
      act(slot);
    }
    this.now = end;
  }

  /** Says that an invariant does not hold, which ends the run. */
  fail(invariant: string, message: string): never {
    throw new Violation(invariant, message, this.now);
  }

  /** Says so if `holds` is false. */
  check(holds: boolean, invariant: string, message: () => string): void {
    if (!holds) this.fail(invariant, message());
  }
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): neighbours get nothing in common. */
function mixed(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) + 0x9e3779b9 | 0;
}

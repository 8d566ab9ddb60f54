/**
 * What is to be decided at which instant.
 *
 * @module
 */
import { Deadlines, type Slot } from "../core/deadlines.ts";
import type { Instant } from "../core/machine.ts";
import type { Step } from "./step.ts";

/** What follows when a deadline has passed. */
export type Verdict = (step: Step) => void;

/** A queue of deadlines, each with its verdict. */
export class Timers {
  readonly #queue = new Deadlines();
  readonly #timers: (Verdict | undefined)[] = [];

  /** When `expire` is next worth calling. */
  get next(): Instant | undefined {
    return this.#queue.next;
  }

  /** Makes a place for a verdict; without `at` it has no deadline yet. */
  add(verdict: Verdict, at?: Instant): Slot {
    const slot = this.#queue.add(at ?? 0);
    if (at === undefined) this.#queue.disarm(slot);
    this.#timers[slot] = verdict;
    return slot;
  }

  /** Gives a place its deadline. */
  arm(slot: Slot, at: Instant): void {
    this.#queue.arm(slot, at);
  }

  /** The deadline of a place. */
  due(slot: Slot): Instant | undefined {
    return this.#queue.due(slot);
  }

  /** Frees a place. */
  remove(slot: Slot): void {
    this.#queue.remove(slot);
    this.#timers[slot] = undefined;
  }

  /** Moves every deadline by `by` ms. */
  stretch(by: number): void {
    this.#queue.stretch(by);
  }

  /** Gives the timers that are due. */
  expire(step: Step): void {
    for (let slot; (slot = this.#queue.expire(step.now)) !== undefined;) {
      this.#timers[slot]!(step);
    }
  }
}

/**
 * What is to be decided at which instant.
 *
 * This file knows deadlines and that something follows from each. It does not know what.
 *
 * @module
 */
import { Deadlines, type Slot } from "../core/deadlines.ts";
import type { Instant } from "../core/machine.ts";
import type { Turn } from "./turn.ts";

/** What follows when a deadline has passed. */
export type Verdict = (turn: Turn) => void;

/** A queue of deadlines, each with its verdict. */
export class Verdicts {
  readonly #queue = new Deadlines();
  readonly #verdicts: (Verdict | undefined)[] = [];

  /** When `expire` is next worth calling. */
  get next(): Instant | undefined {
    return this.#queue.next;
  }

  /** Makes a place for a verdict; without `at` it has no deadline yet. */
  add(verdict: Verdict, at?: Instant): Slot {
    const slot = this.#queue.add(at ?? 0);
    if (at === undefined) this.#queue.disarm(slot);
    this.#verdicts[slot] = verdict;
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
    this.#verdicts[slot] = undefined;
  }

  /** Moves every deadline by `by` ms. */
  stretch(by: number): void {
    this.#queue.stretch(by);
  }

  /** Gives the verdicts that are due. */
  expire(turn: Turn): void {
    for (let slot; (slot = this.#queue.expire(turn.now)) !== undefined;) {
      this.#verdicts[slot]!(turn);
    }
  }
}

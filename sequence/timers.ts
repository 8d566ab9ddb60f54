/**
 * The timers of a sequence server: what is done when a deadline has passed.
 *
 * @module
 */
import { Deadlines, type Slot } from "../core/deadlines.ts";
import type { Instant } from "../core/machine.ts";
import type { Step } from "./step.ts";

/** What is done when a deadline has passed. */
export type TimerAction = (step: Step) => void;

/** A queue of deadlines, each with an action. */
export class Timers {
  readonly #queue = new Deadlines();
  readonly #timers: (TimerAction | undefined)[] = [];

  /** When `expire` is next worth calling. */
  get next(): Instant | undefined {
    return this.#queue.next;
  }

  /** Adds a timer; without `at` it has no deadline yet. */
  add(action: TimerAction, at?: Instant): Slot {
    const slot = this.#queue.add(at ?? 0);
    if (at === undefined) this.#queue.disarm(slot);
    this.#timers[slot] = action;
    return slot;
  }

  /** Gives a timer its deadline. */
  arm(slot: Slot, at: Instant): void {
    this.#queue.arm(slot, at);
  }

  /** The deadline of a timer. */
  due(slot: Slot): Instant | undefined {
    return this.#queue.due(slot);
  }

  /** Removes a timer. */
  remove(slot: Slot): void {
    this.#queue.remove(slot);
    this.#timers[slot] = undefined;
  }

  /** Moves every deadline by `by` ms. */
  stretch(by: number): void {
    this.#queue.stretch(by);
  }

  /** Runs the actions whose deadlines have passed. */
  expire(step: Step): void {
    for (let slot; (slot = this.#queue.expire(step.now)) !== undefined;) {
      this.#timers[slot]!(step);
    }
  }
}

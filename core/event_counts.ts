/**
 * How often each type of event happened.
 *
 * @module
 */

/** What every event has: a tag; one that stands for several of its kind says how many. */
export interface Tagged {
  /** The tag of the event. */
  readonly type: string;
  /** How many events are reported together; one if absent. */
  readonly count?: number;
}

/**
 * Counts events by type. An event with a `count` stands for so many: five ignored datagrams that are
 * reported together count five.
 *
 * @example
 * ```ts
 * import { EventCounts } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const counts = new EventCounts();
 * counts.add({ type: "down" });
 * counts.add({ type: "rejected", count: 5 });
 * assertEquals(counts.totals(), { down: 1, rejected: 5 });
 * ```
 */
export class EventCounts {
  readonly #byType = new Map<string, number>();

  /** Counts one event. */
  add({ type, count = 1 }: Tagged): void {
    this.#byType.set(type, (this.#byType.get(type) ?? 0) + count);
  }

  /** How often each type happened so far; a type that never did is absent. */
  totals(): Record<string, number> {
    return Object.fromEntries(this.#byType);
  }
}

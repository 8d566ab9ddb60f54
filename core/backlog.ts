/**
 * Payloads that wait for a reader who is slow: how much there is of each sender, and who is not read from meanwhile.
 *
 * @module
 */

/** What is a payload, whose it is, and who hears that a sender may be read from again. */
export interface BacklogOptions<Event> {
  /** Who sent the payload of an event; `undefined` for an event without one. */
  readonly from: (event: Event) => string | undefined;
  /** The payload. */
  readonly payload: (event: Event) => string;
  /** A sender for whom `isFull` was true may be read from again. */
  readonly freed: (from: string) => void;
  /** How much waits before nobody who has a part in it is read from; a character is 1, an event 64. @default 262_144 */
  readonly limit?: number;
}

/**
 * Where too much waits, those who have a part in it must wait, too, and everybody else is still heard. So one
 * sender that floods a slow reader holds up itself, and what waits is bounded all the same.
 *
 * @example
 * ```ts
 * import { Backlog } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const freed: string[] = [];
 * const backlog = new Backlog<{ from: string; text: string }>({
 *   from: ({ from }) => from,
 *   payload: ({ text }) => text,
 *   freed: (from) => freed.push(from),
 *   limit: 100,
 * });
 * const events = [{ from: "a", text: "one" }, { from: "a", text: "two" }];
 * for (const event of events) backlog.add(event);
 * assertEquals([backlog.isFull("a"), backlog.isFull("b")], [true, false]);
 * for (const event of events) backlog.remove(event);
 * assertEquals(freed, ["a"]);
 * ```
 */
export class Backlog<Event> {
  readonly #options: BacklogOptions<Event>;
  readonly #limit: number;
  #weight = 0;
  /** What waits of each sender. */
  readonly #parts = new Map<string, number>();
  /** Who was told to wait, the first first. */
  readonly #waiting = new Set<string>();

  /** Nothing waits. */
  constructor(options: BacklogOptions<Event>) {
    this.#options = options;
    this.#limit = options.limit ?? LIMIT;
  }

  /** Whether an event has a payload. */
  has(event: Event): boolean {
    return this.#options.from(event) !== undefined;
  }

  /** Whether a sender must wait until it is `freed`. */
  isFull(from: string): boolean {
    if (this.#weight < this.#limit || !this.#parts.has(from)) return false;
    this.#waiting.add(from);
    return true;
  }

  /** An event with a payload waits. */
  add(event: Event): void {
    const from = this.#options.from(event)!, weight = this.#weightOf(event);
    this.#weight += weight;
    this.#parts.set(from, (this.#parts.get(from) ?? 0) + weight);
  }

  /** It was taken. */
  remove(event: Event): void {
    const from = this.#options.from(event)!, weight = this.#weightOf(event);
    this.#weight -= weight;
    const left = this.#parts.get(from)! - weight;
    if (left > 0) this.#parts.set(from, left);
    else this.#parts.delete(from);
    if (left === 0) this.#free(from);
    // One of them, who may fill it again at once: all together would overfill it.
    else if (this.#weight < this.#limit / 2) this.#free(this.#waiting.keys().next().value);
  }

  #free(from: string | undefined): void {
    if (from !== undefined && this.#waiting.delete(from)) this.#options.freed(from);
  }

  #weightOf(event: Event): number {
    return this.#options.payload(event).length + EVENT_WEIGHT;
  }
}

/** As many as there are other events in a queue, if they are empty; well under 1 MB in any case. */
const LIMIT = 262_144;
/** About what an event costs beside its payload, in characters. */
const EVENT_WEIGHT = 64;

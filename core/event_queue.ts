/**
 * Events on their way to whoever iterates, in bounded memory.
 *
 * This file knows order and a limit. It does not know what an event means.
 *
 * @module
 */
import { checkNumber } from "./check.ts";

/** Says that a slow consumer missed `count` events, the oldest ones. */
export interface DroppedEvent {
  /** The tag of this event. */
  readonly type: "dropped";
  /** How many events were dropped in a row. */
  readonly count: number;
}

/**
 * A queue that is pushed to without waiting and iterated with `for await`.
 *
 * A consumer that is slow, or never comes, costs `limit` events of memory: beyond that the oldest
 * are dropped, and the next thing the consumer sees is a {@linkcode DroppedEvent} that counts them.
 * `break` ends the loop and not the queue; a later loop goes on where it stopped.
 *
 * @example
 * ```ts
 * import { EventQueue } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const queue = new EventQueue<{ type: "beat"; n: number }>({ limit: 2 });
 * for (const n of [1, 2, 3]) queue.push({ type: "beat", n });
 * queue.close();
 * const seen: string[] = [];
 * for await (const event of queue) seen.push(event.type);
 * assertEquals(seen, ["dropped", "beat", "beat"]);
 * ```
 */
export class EventQueue<Event> implements AsyncIterable<Event | DroppedEvent> {
  readonly #limit: number;
  #events: Event[] = [];
  #head = 0;
  #dropped = 0;
  #closed = false;
  #failure: { error: unknown } | undefined;
  #waiting: (() => void)[] = [];

  /** Makes an empty queue. `limit` is the most events held; default 4,096. */
  constructor(options: { limit?: number } = {}) {
    const limit = options.limit ?? EVENT_LIMIT;
    this.#limit = checkNumber("limit", limit, { min: 1, integer: true });
  }

  /** Adds an event; never waits. After `close` it is ignored. */
  push(event: Event): void {
    if (this.#closed) return;
    if (this.#events.length - this.#head === this.#limit) {
      this.#take();
      this.#dropped++;
    }
    this.#events.push(event);
    this.#wake();
  }

  /** Ends the iteration once what is queued has been taken. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** Ends the iteration as `close` does, and then throws `error` out of it. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.close();
  }

  /** Iterates over the events; several loops share them, each event going to one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Event | DroppedEvent, void, undefined> {
    for (;;) {
      if (this.#dropped > 0) {
        const count = this.#dropped;
        this.#dropped = 0;
        yield { type: "dropped", count };
      } else if (this.#head < this.#events.length) {
        yield this.#take();
      } else if (this.#closed) {
        if (this.#failure) throw this.#failure.error;
        return;
      } else {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    }
  }

  #take(): Event {
    const event = this.#events[this.#head]!;
    this.#head++;
    // Shifting a long array costs its length, so the taken head is cut off half a queue at a time.
    if (this.#head * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** A few seconds of events of a busy server, and under 1 MB. */
const EVENT_LIMIT = 4_096;

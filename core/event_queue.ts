/**
 * Events on their way to whoever iterates, in bounded memory.
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
  /** Who waits, the first first; while anybody does, nothing is queued. */
  readonly #waiting: Waiting<Event>[] = [];

  /** Makes an empty queue. `limit` is the most events held; default 4,096. */
  constructor(options: { limit?: number } = {}) {
    const limit = options.limit ?? EVENT_LIMIT;
    this.#limit = checkNumber("limit", limit, { min: 1, integer: true });
  }

  /** Adds an event; never waits. After `close` it is ignored. */
  push(event: Event): void {
    if (this.#closed) return;
    const waiting = this.#waiting.shift();
    if (waiting) return waiting.resolve({ value: event, done: false });
    if (this.#events.length - this.#head === this.#limit) {
      this.#shift();
      this.#dropped++;
    }
    this.#events.push(event);
  }

  /** Ends the iteration once what is queued has been taken. */
  close(): void {
    this.#closed = true;
    for (const { loop, resolve } of this.#waiting.splice(0)) resolve(this.#end(loop));
  }

  /** Ends the iteration as `close` does, and then throws `error` out of it. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.close();
  }

  /** Iterates over the events; several loops share them, each event going to one. */
  [Symbol.asyncIterator](): AsyncGenerator<Event | DroppedEvent, void, undefined> {
    return new EventLoop({
      next: (loop) => this.#next(loop),
      leave: (loop) => this.#leave(loop),
    });
  }

  #next(loop: EventLoop<Event>): Promise<Next<Event>> {
    if (this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      return Promise.resolve({ value: { type: "dropped", count }, done: false });
    }
    if (this.#head < this.#events.length) {
      return Promise.resolve({ value: this.#shift(), done: false });
    }
    return new Promise((resolve) => {
      if (this.#closed) resolve(this.#end(loop));
      else this.#waiting.push({ loop, resolve });
    });
  }

  /** A loop waits no more. */
  #leave(loop: EventLoop<Event>): void {
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      if (this.#waiting[i]!.loop === loop) this.#waiting.splice(i, 1)[0]!.resolve(END);
    }
  }

  #end(loop: EventLoop<Event>): Next<Event> | Promise<never> {
    loop.over = true;
    return this.#failure ? Promise.reject(this.#failure.error) : END;
  }

  #shift(): Event {
    const event = this.#events[this.#head]!;
    this.#head++;
    // Shifting a long array costs its length, so the taken head is cut off half a queue at a time.
    if (this.#head * 2 >= this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
    return event;
  }
}

type Next<Event> = IteratorResult<Event | DroppedEvent, void>;

/** A loop that came for the next event before there was one. */
interface Waiting<Event> {
  readonly loop: EventLoop<Event>;
  readonly resolve: (next: Next<Event> | Promise<never>) => void;
}

/** What a loop may ask of its queue. */
interface LoopEvents<Event> {
  readonly next: (loop: EventLoop<Event>) => Promise<Next<Event>>;
  readonly leave: (loop: EventLoop<Event>) => void;
}

/**
 * One loop over a queue. An async generator function would say the same in a third of the lines, and take
 * three times the promises for each event.
 */
class EventLoop<Event> implements AsyncGenerator<Event | DroppedEvent, void, undefined> {
  /** Whether there is nothing more for this loop. */
  over = false;
  readonly #events: LoopEvents<Event>;

  constructor(events: LoopEvents<Event>) {
    this.#events = events;
  }

  next(): Promise<Next<Event>> {
    return this.over ? Promise.resolve(END) : this.#events.next(this);
  }

  return(): Promise<Next<Event>> {
    this.over = true;
    this.#events.leave(this);
    return Promise.resolve(END);
  }

  async throw(error: unknown): Promise<never> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}

const END: IteratorReturnResult<void> = Object.freeze({ value: undefined, done: true });
/** A few seconds of events of a busy server, and under 1 MB. */
const EVENT_LIMIT = 4_096;

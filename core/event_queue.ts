/**
 * Events on their way to whoever iterates, in bounded memory.
 *
 * @module
 */
import type { Backlog } from "./backlog.ts";
import { checkNumber } from "./check.ts";
import { EventStore } from "./event_store.ts";

/** How many events a queue holds, and which of them are kept longest. */
export interface EventQueueOptions<Event> {
  /** Events that wait before any is left out. @default 4_096 */
  limit?: number;
  /**
   * About whom an event is a verdict, the newest of which is kept for a reader however late it comes;
   * `undefined` for an event that may be left out. @default there are no verdicts
   */
  about?: (event: Event) => string | undefined;
}

/** Says that a slow consumer missed `count` events, the oldest ones and verdicts that newer ones replaced. */
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
 * are dropped, and the next thing the consumer sees is a {@linkcode DroppedEvent} that counts them. What
 * `about` names is dropped for a newer event about the same only, so that the last word about everybody is
 * there when the consumer comes; of 131,072 about different ones the oldest is dropped after all.
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
  readonly #store: EventStore<Event>;
  /** What is to be kept for the first reader, until it comes. */
  #backlog: Backlog<Event> | undefined;
  #dropped = 0;
  #closed = false;
  #failure: { error: unknown } | undefined;
  /** Who waits, the first first; while anybody does, nothing is queued. */
  readonly #waiting: Waiting<Event>[] = [];

  /**
   * Makes an empty queue.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: EventQueueOptions<Event> = {}) {
    const { about = NOBODY } = options;
    const limit = checkNumber("limit", options.limit ?? EVENT_LIMIT, { min: 1, integer: true });
    this.#store = new EventStore({ limit, mostVerdicts: Math.max(limit, MOST_VERDICTS), about });
  }

  /** Adds an event; never waits. After `close` it is ignored. */
  push(event: Event): void {
    if (this.#closed) return;
    const waiting = this.#waiting.shift();
    if (waiting) waiting.resolve({ value: event, done: false });
    else this.#dropped += this.#store.push(event);
  }

  /**
   * Leaves out no payload once there is a reader: who publishes them asks `backlog` before, and waits for it. A
   * reader who has left the loop may come back, and what nobody ever reads is left out as before.
   */
  keep(backlog: Backlog<Event>): void {
    this.#backlog = backlog;
  }

  /** Whether a verdict about somebody has not been taken. */
  owes(about: string): boolean {
    return this.#store.owes(about);
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
    if (this.#backlog) this.#store.keep(this.#backlog);
    this.#backlog = undefined;
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
    if (this.#store.size > 0) return Promise.resolve({ value: this.#store.shift(), done: false });
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
/** As many as may be watched by one server, and some; under 30 MB. */
const MOST_VERDICTS = 131_072;
const NOBODY = (): undefined => undefined;

/**
 * What a service said, and a way to wait for it without sleeping.
 *
 * @module
 */

/** Iterates over a service in the background and keeps every event. */
export class EventLog<Event> {
  /** Everything so far, in order. */
  readonly events: Event[] = [];
  /** Resolves when the service has ended. */
  readonly ended: Promise<void>;
  #over = false;
  #waiting: (() => void)[] = [];

  constructor(source: AsyncIterable<Event>) {
    this.ended = this.#follow(source);
  }

  /** The first event, past or future, that `wanted` accepts; rejects if the service ends before. */
  async until(wanted: (event: Event) => boolean): Promise<Event> {
    for (let next = 0;;) {
      for (; next < this.events.length; next++) {
        if (wanted(this.events[next]!)) return this.events[next]!;
      }
      if (this.#over) throw new Error(`Not among ${next} events: ${wanted}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #follow(source: AsyncIterable<Event>): Promise<void> {
    try {
      for await (const event of source) {
        this.events.push(event);
        this.#wake();
      }
    } finally {
      this.#over = true;
      this.#wake();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/**
 * The events that wait in a queue: which of them are kept when there are too many.
 *
 * @module
 */

import type { Backlog } from "./backlog.ts";

/** What decides which events are kept. */
export interface EventStoreOptions<Event> {
  /** So many wait, before any is left out. */
  readonly limit: number;
  /** So many verdicts wait at most, however many there are to tell about. */
  readonly mostVerdicts: number;
  /** About whom an event is a verdict; `undefined` for an event that may be left out. */
  readonly about: (event: Event) => string | undefined;
}

/**
 * Events in their order. Beyond the limit the oldest that is no verdict is left out; where only verdicts
 * are left, a new one takes the place of those before it about the same. So a reader that comes late has
 * the newest verdict about everybody, in memory that grows with whom there is to tell about and not with
 * what happens. Payloads are never left out once they are kept: who publishes them stops when too many wait.
 */
export class EventStore<Event> {
  readonly #options: EventStoreOptions<Event>;
  /** Those that were left out or taken are `GONE` until they are cut off. */
  #events: (Event | typeof GONE)[] = [];
  /** The place of the first event that is there, and of the first that is no verdict. */
  #head = 0;
  #chatterHead = 0;
  #chatter = 0;
  #verdicts = 0;
  #payloads = 0;
  /** Counts the payloads, from when on they are kept. */
  #backlog: Backlog<Event> | undefined;
  /** The places of verdicts, by whom they are about. */
  #places = new Map<string, number[]>();

  /** Nothing waits. */
  constructor(options: EventStoreOptions<Event>) {
    this.#options = options;
  }

  /** How many events wait. */
  get size(): number {
    return this.#chatter + this.#verdicts + this.#payloads;
  }

  /** Leaves out no payload from now on, also none of those that wait. */
  keep(backlog: Backlog<Event>): void {
    this.#backlog = backlog;
    for (const event of this.#events) {
      if (event === GONE || !backlog.has(event)) continue;
      backlog.add(event);
      this.#payloads++;
      this.#chatter--;
    }
  }

  /** Whether a verdict about somebody waits. */
  owes(about: string): boolean {
    return this.#places.has(about);
  }

  /** Adds an event; returns how many were left out for it, itself perhaps. */
  push(event: Event): number {
    if (this.#backlog?.has(event)) {
      this.#backlog.add(event);
      this.#payloads++;
      this.#events.push(event);
      return 0;
    }
    const about = this.#options.about(event);
    const isFull = this.#chatter + this.#verdicts >= this.#options.limit;
    if (about === undefined) {
      if (isFull && this.#chatter === 0) return 1;
      const left = isFull ? this.#leaveChatter() : 0;
      this.#chatter++;
      this.#events.push(event);
      return left;
    }
    const left = isFull ? this.#makeRoom(about) : 0;
    const places = this.#places.get(about);
    if (places) places.push(this.#events.length);
    else this.#places.set(about, [this.#events.length]);
    this.#verdicts++;
    this.#events.push(event);
    return left;
  }

  /** Takes the oldest event; there must be one. */
  shift(): Event {
    while (this.#events[this.#head] === GONE) this.#head++;
    const place = this.#head;
    const event = this.#events[place] as Event;
    this.#uncount(event, place);
    this.#remove(place);
    return event;
  }

  #uncount(event: Event, place: number): void {
    if (this.#backlog?.has(event)) {
      this.#payloads--;
      return this.#backlog.remove(event);
    }
    const about = this.#options.about(event);
    if (about === undefined) this.#chatter--;
    else this.#forget(about, place);
  }

  #makeRoom(about: string): number {
    if (this.#chatter > 0) return this.#leaveChatter();
    const places = this.#places.get(about);
    if (places) {
      const count = places.length;
      for (const place of places) this.#events[place] = GONE;
      this.#places.delete(about);
      this.#verdicts -= count;
      this.#compact();
      return count;
    }
    if (this.#verdicts < this.#options.mostVerdicts) return 0;
    this.shift();
    return 1;
  }

  /** Leaves out the oldest event that is no verdict. */
  #leaveChatter(): number {
    for (;; this.#chatterHead++) {
      const event = this.#events[this.#chatterHead]!;
      if (event !== GONE && this.#isChatter(event)) break;
    }
    this.#chatter--;
    this.#remove(this.#chatterHead);
    return 1;
  }

  #isChatter(event: Event): boolean {
    return this.#options.about(event) === undefined && !this.#backlog?.has(event);
  }

  #forget(about: string, place: number): void {
    const places = this.#places.get(about)!;
    if (places.length === 1) this.#places.delete(about);
    else places.splice(places.indexOf(place), 1);
    this.#verdicts--;
  }

  #remove(place: number): void {
    this.#events[place] = GONE;
    this.#compact();
  }

  /** Cuts off what is gone once it is half of the array: each event is moved a few times at most. */
  #compact(): void {
    if (this.#events.length <= 2 * this.size + SLACK) return;
    this.#events = this.#events.filter((event) => event !== GONE);
    this.#head = this.#chatterHead = 0;
    this.#places = new Map();
    this.#events.forEach((event, place) => {
      const about = this.#options.about(event as Event);
      if (about === undefined) return;
      const places = this.#places.get(about);
      if (places) places.push(place);
      else this.#places.set(about, [place]);
    });
  }
}

const GONE = Symbol("gone");
/** Below this many places there is nothing worth cutting off. */
const SLACK = 32;

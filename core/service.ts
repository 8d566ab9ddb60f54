/**
 * What every server and client of this library is to its user: events to iterate, and a way to stop.
 *
 * @module
 */
import type { Backlog } from "./backlog.ts";
import { diagnosticsChannel } from "./diagnostics.ts";
import { EventCounts, type Tagged } from "./event_counts.ts";
import { type DroppedEvent, EventQueue } from "./event_queue.ts";
import { verdictAbout } from "./verdicts.ts";

/** What a service counted since it was started; see {@linkcode Service.counters}. */
export interface ServiceCounters {
  /** Bytes of the peers that were taken from the sockets. */
  readonly receivedBytes: number;
  /** How often each type of event happened; one that never did is absent. */
  readonly events: Readonly<Record<string, number>>;
}

/**
 * A running server or client: iterate it for its events, `close` it to stop.
 *
 * Iterating is optional; see {@linkcode EventQueue} for what a slow consumer costs. The iteration
 * ends when the service has stopped, whether by `close`, by its `signal` or by itself.
 *
 * Where the runtime has `node:diagnostics_channel`, every event is published there too: see
 * {@linkcode EventMessage} and {@linkcode ServiceMessage}. Without subscribers no message is made.
 *
 * @example A service of one's own
 * ```ts
 * import { Service } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends Service<{ type: "count"; left: number }> {
 *   #timer: ReturnType<typeof setInterval>;
 *   constructor(left: number, signal?: AbortSignal) {
 *     super("countdown", signal);
 *     this.#timer = setInterval(() => {
 *       this.publish({ type: "count", left: --left });
 *       if (left === 0) void this.close();
 *     }, 1);
 *   }
 *   protected override stop() {
 *     clearInterval(this.#timer);
 *   }
 * }
 * const seen: string[] = [];
 * for await (const event of new Countdown(2)) {
 *   seen.push(event.type === "count" ? `${event.left} left` : event.type);
 * }
 * assertEquals(seen, ["1 left", "0 left"]); // the iteration ends with the service
 * ```
 */
export abstract class Service<Event extends Tagged> implements AsyncIterable<Event | DroppedEvent> {
  /** What kind of service it is, as in `udp-server`. */
  readonly name: string;

  readonly #events = new EventQueue<Event>({ about: verdictAbout });
  readonly #counts = new EventCounts();
  readonly #channel: ReturnType<typeof diagnosticsChannel>;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this.close();
  /** Counted and not kept: a server has a loop for each of its connections. */
  #loops = 0;
  #allEnded = (): void => {};
  readonly #ended = (): void => {
    if (--this.#loops === 0) this.#allEnded();
  };
  readonly #failed = (error: unknown): void => {
    this.#ended();
    this.crash(error);
  };
  #receivedBytes = 0;
  #closed: Promise<void> | undefined;
  /** It has stopped: what happens to connections that are still closing is not published. */
  #silent = false;

  /** Starts a service of a kind that closes itself when `signal` aborts. */
  constructor(name: string, signal?: AbortSignal) {
    this.name = name;
    this.#channel = diagnosticsChannel(name);
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
    // An aborted signal sends no event; a class that extends this one is ready after its constructor.
    if (signal?.aborted) void Promise.resolve().then(this.#onAbort);
    this.#announce("started");
  }

  /** Stops, frees every socket and timer, and ends the iteration; calling it again does nothing. */
  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  /**
   * What was counted since the start, also of events that nobody iterated or that were dropped. An
   * event with a `count` counts so many times.
   */
  counters(): ServiceCounters {
    return { receivedBytes: this.#receivedBytes, events: this.#counts.totals() };
  }

  /** Iterates over the events. */
  [Symbol.asyncIterator](): AsyncGenerator<Event | DroppedEvent, void, undefined> {
    return this.#events[Symbol.asyncIterator]();
  }

  /** Closes, at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Whether `close` was called. */
  protected get stopped(): boolean {
    return this.#closed !== undefined;
  }

  /** Whether a verdict about somebody waits to be taken; see {@linkcode verdictAbout}. */
  protected owes(about: string): boolean {
    return this.#events.owes(about);
  }

  /** Leaves out no payload once somebody iterates: see {@linkcode Backlog}, which is asked before more is read. */
  protected keep(backlog: Backlog<Event>): void {
    this.#events.keep(backlog);
  }

  /** Closes sockets and timers; called once. What happens after it is not published. */
  protected abstract stop(): void;

  /** Gives the user one event. */
  protected publish(event: Event): void {
    if (this.#silent) return;
    this.#counts.add(event);
    this.#events.push(event);
    if (this.#channel?.hasSubscribers) {
      this.#channel.publish({ service: this, event } satisfies EventMessage<Event>);
    }
  }

  /** Counts bytes that a peer sent. */
  protected countBytes(byteLength: number): void {
    this.#receivedBytes += byteLength;
  }

  /**
   * Watches over a loop that must end before the service counts as closed. One that throws is a bug:
   * see {@linkcode Service.crash}.
   */
  protected run(loop: Promise<unknown>): void {
    this.#loops++;
    void loop.then(this.#ended, this.#failed);
  }

  /** Says that there is a bug: closes the service, and `error` comes out of the user's iteration. */
  protected crash(error: unknown): void {
    this.#events.fail(error);
    void this.close();
  }

  async #close(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.stop();
    this.#silent = true;
    // A loop may be added while the last of the others ends.
    while (this.#loops > 0) await new Promise<void>((resolve) => this.#allEnded = resolve);
    this.#events.close();
    this.#announce("closed");
  }

  #announce(state: ServiceMessage["state"]): void {
    if (SERVICES?.hasSubscribers) SERVICES.publish({ service: this, state });
  }
}

/**
 * What a subscriber of `heartline:NAME` gets for each event of a service, NAME being its `name`, as in
 * `heartline:udp-server`.
 *
 * @example
 * ```ts
 * import { channel } from "node:diagnostics_channel";
 * import type { EventMessage } from "@heartline/heartline/core";
 * import { serveUdpHeartbeats, type UdpServerEvent } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: string[] = [];
 * const listen = (message: unknown) => {
 *   const { service, event } = message as EventMessage<UdpServerEvent>;
 *   seen.push(`${service.name} ${event.type}`);
 * };
 * channel("heartline:udp-server").subscribe(listen);
 * await (await serveUdpHeartbeats({ port: 0 })).close();
 * channel("heartline:udp-server").unsubscribe(listen);
 * assertEquals(seen, ["udp-server listening"]);
 * ```
 */
export interface EventMessage<Event extends Tagged = Tagged> {
  /** Who says it. */
  readonly service: Service<Event>;
  /** What it says. */
  readonly event: Event;
}

/**
 * What a subscriber of `heartline:service` gets when a service starts and when it has stopped.
 *
 * @example
 * ```ts
 * import { channel } from "node:diagnostics_channel";
 * import type { ServiceMessage } from "@heartline/heartline/core";
 * import { serveUdpHeartbeats } from "@heartline/heartline/udp";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: string[] = [];
 * const listen = (message: unknown) => {
 *   const { service, state } = message as ServiceMessage;
 *   seen.push(`${service.name} ${state}`);
 * };
 * channel("heartline:service").subscribe(listen); // every service of this process, whoever starts it
 * await (await serveUdpHeartbeats({ port: 0 })).close();
 * channel("heartline:service").unsubscribe(listen);
 * assertEquals(seen, ["udp-server started", "udp-server closed"]);
 * ```
 */
export interface ServiceMessage {
  /** Which one; while it starts, of its methods only `counters` may be called. */
  readonly service: Service<Tagged>;
  /** What became of it. */
  readonly state: "started" | "closed";
}

const SERVICES = diagnosticsChannel("service");

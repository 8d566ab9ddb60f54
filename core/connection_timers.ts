/**
 * Until when each connection must have taken what was sent, and how long one that is closed is still held.
 *
 * A wait begins at the event before it and not at the decision to close: ten thousand clients that are
 * sent away together wait for their turn to be told, and none may lose its last line to that.
 *
 * @module
 */
import type { ClosingOptions } from "./connection.ts";
import { Deadlines, type Slot } from "./deadlines.ts";
import { type Instant, type Machine, NOTHING } from "./machine.ts";

/** What the timers must know of a connection. */
export interface TimedConnection {
  /** Its place in the queue; it takes one when it first has to wait. */
  timer: Slot | undefined;
  /** Bytes that were sent and that the system has not taken. */
  readonly unsent: number;
  /** How it is being closed, if it is. */
  readonly closing: ClosingOptions | undefined;
}

/**
 * The timers of any number of connections; they put out each connection whose time is over.
 *
 * @example
 * ```ts
 * import { ConnectionTimers } from "@heartline/heartline/core";
 * import { assertEquals } from "@std/assert";
 *
 * const timers = new ConnectionTimers({ writeTimeout: 5_000 });
 * const connection = { timer: undefined, unsent: 100, closing: undefined };
 * timers.sent(connection, 0);
 * assertEquals(timers.tick(4_999), []);
 * assertEquals(timers.tick(5_000), [connection]); // its peer does not read
 * ```
 */
export class ConnectionTimers<Connection extends TimedConnection>
  implements Machine<never, Connection> {
  readonly #queue = new Deadlines();
  /** The connection in each slot of the queue. */
  readonly #owners: Connection[] = [];
  readonly #writeTimeout: number;

  /** Without connections; `writeTimeout` is how many ms a peer may take no byte of those that wait. */
  constructor({ writeTimeout = Infinity }: { writeTimeout?: number | undefined } = {}) {
    this.#writeTimeout = writeTimeout;
  }

  /** When `tick` is next worth calling. */
  get deadline(): Instant | undefined {
    return this.#queue.next;
  }

  // deno-coverage-ignore-start -- the driver asks for it, and there are no inputs
  /** There are no inputs: its methods say what happened. */
  handle(): readonly never[] {
    return NOTHING;
  }
  // deno-coverage-ignore-stop

  /** Bytes wait, and none did before; or some of them were taken. */
  sent(connection: Connection, now: Instant): void {
    if (this.#writeTimeout < Infinity) this.#arm(connection, now + this.#writeTimeout);
  }

  /** It is to be closed; true if it may be at once. */
  close(connection: Connection, now: Instant): boolean {
    const { within = LONGEST_WRITE } = connection.closing!;
    if (connection.unsent === 0) return this.#linger(connection, now);
    if (within > 0) this.#arm(connection, now + within);
    return within === 0;
  }

  /** The system took bytes; true if a connection that is being closed is over. */
  drained(connection: Connection, now: Instant): boolean {
    if (connection.closing) return connection.unsent === 0 && this.#linger(connection, now);
    // If all is taken the deadline stays and finds nothing: to move it later costs next to nothing.
    if (connection.unsent > 0) this.sent(connection, now);
    return false;
  }

  /** It is gone. */
  forget(connection: Connection): void {
    if (connection.timer === undefined) return;
    this.#queue.remove(connection.timer);
    connection.timer = undefined;
  }

  /** Puts out those whose time is over. */
  tick(now: Instant): readonly Connection[] {
    const over: Connection[] = [];
    for (let slot; (slot = this.#queue.expire(now)) !== undefined;) {
      const connection = this.#owners[slot]!;
      if (connection.closing || connection.unsent > 0) over.push(connection);
    }
    return over;
  }

  /** Moves all deadlines: while we did not run, nothing could be taken. */
  stalled(by: number): readonly never[] {
    this.#queue.stretch(by);
    return NOTHING;
  }

  /** All was taken; true if the peer is not waited for. */
  #linger(connection: Connection, now: Instant): boolean {
    const { linger = 0 } = connection.closing!;
    if (linger > 0) this.#arm(connection, now + linger);
    return linger === 0;
  }

  #arm(connection: Connection, due: Instant): void {
    if (connection.timer !== undefined) return this.#queue.arm(connection.timer, due);
    connection.timer = this.#queue.add(due);
    this.#owners[connection.timer] = connection;
  }
}

/** In ms: a peer that takes no last line within this is not reading. */
const LONGEST_WRITE = 2_000;

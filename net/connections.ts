/**
 * The open connections of a service, by number: what a machine asks of them is done here, and what happens
 * to them is told.
 *
 * @module
 */
import type { ClosingOptions, ConnectionLoss, ConnectionOutput } from "../core/connection.ts";
import { ConnectionTimers } from "../core/connection_timers.ts";
import type { Clock } from "../core/clock.ts";
import { Driver } from "../core/drive.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import type { StreamConnection } from "./stream.ts";

/** What is told of connections. */
export interface ConnectionHandler {
  /** Bytes arrived, valid during the call. */
  data(connection: Connection, bytes: Uint8Array): void;
  /** Whether bytes may be told now; one for which they may not is asked again by `Connection.goOn`. @default they may */
  ready?(connection: Connection): boolean;
  /** It was not ready: what arrived is held back, and nothing more is read. */
  held?(connection: Connection): void;
  /** A write failed: what is sent goes nowhere, and reading tells what became of the connection. */
  writeFailed?(connection: Connection): void;
  /** The system took bytes; `unsent` says how many still wait. */
  drained(connection: Connection): void;
  /** A connection is over. */
  ended(connection: Connection, reason: ConnectionLoss): void;
  /** There is a bug. */
  crash(error: unknown): void;
}

/** How a service treats its connections. */
export interface ConnectionsOptions {
  /** How many ms a peer may take none of the bytes that wait for it: then it is not reading. @default Infinity */
  readonly writeTimeout?: number | undefined;
  /** How many bytes may wait for a peer: one for which more do is not reading. @default Infinity */
  readonly sendLimit?: number | undefined;
}

/**
 * Every open connection of a service.
 *
 * @example
 * ```ts
 * import { systemClock } from "@heartline/heartline/core";
 * import { Connections, openNet } from "@heartline/heartline/net";
 * import { assertEquals } from "@std/assert";
 *
 * const told: string[] = [];
 * const connections = new Connections({
 *   data: (_connection, bytes) => told.push(new TextDecoder().decode(bytes)),
 *   drained: ({ unsent }) => told.push(`${unsent} bytes wait`),
 *   ended: (_connection, reason) => told.push(reason),
 *   crash: (error) => told.push(`${error}`),
 * }, systemClock());
 * const net = await openNet();
 * const listener = await net.listenStream({ hostname: "127.0.0.1", port: 0 });
 * const stream = await net.connectStream(listener.address);
 * const reading = connections.add(1, stream).read();
 * await listener.accept((peer) => {
 *   void peer.write(new TextEncoder().encode("hello")).then(() => peer.end());
 *   void peer.receive(() => {}).then(() => peer.close());
 *   listener.close();
 * }, () => {});
 * await reading;
 * assertEquals(told, ["hello", "end"]);
 * ```
 */
export class Connections implements ConnectionOwner {
  readonly #handler: ConnectionHandler;
  readonly #sendLimit: number;
  readonly #open = new Map<number, Connection>();
  readonly #timers: ConnectionTimers<Connection>;
  /** Its own loop: it goes on for those who leave when the service has stopped. */
  readonly #driver: Driver<never, Connection>;
  #allGone: (() => void) | undefined;

  /** No connections yet. */
  constructor(handler: ConnectionHandler, clock: Clock, options: ConnectionsOptions = {}) {
    this.#handler = handler;
    this.#sendLimit = options.sendLimit ?? Infinity;
    this.#timers = new ConnectionTimers<Connection>(options);
    this.#driver = new Driver<never, Connection>(this.#timers, {
      clock,
      deliver: (connections) => {
        for (const connection of connections) this.#expire(connection);
      },
    });
  }

  /** How many are open, those that are being closed counted. */
  get size(): number {
    return this.#open.size;
  }

  /** The connection with this number, if it is open. */
  get(id: number): Connection | undefined {
    return this.#open.get(id);
  }

  /** Takes over an open stream; nothing is read before `Connection.read`. */
  add(id: number, stream: StreamConnection): Connection {
    const connection = new Connection(id, stream, this);
    this.#open.set(id, connection);
    return connection;
  }

  /** Does what a machine asks of a connection; of one that is gone nothing. */
  perform(output: ConnectionOutput): void {
    const connection = this.#open.get(output.connection);
    if (!connection) return;
    if (output.type === "send") this.#send(connection, output.bytes);
    else if (output.type === "reset") connection.reset();
    else this.#close(connection, output);
  }

  /** Drops all that are not being closed; resolves when those are gone too. */
  closeAll(): Promise<void> {
    for (const connection of [...this.#open.values()]) {
      if (!connection.closing) connection.drop();
    }
    return this.#open.size === 0 ? this.#over() : new Promise((resolve) => {
      this.#allGone = () => resolve(this.#over());
    });
  }

  /** @ignore */
  received(connection: Connection, bytes: Uint8Array): Promise<void> | undefined {
    if (this.#handler.ready) return this.#receiveSlices(connection, bytes);
    this.#handler.data(connection, bytes);
    return undefined;
  }

  /** @ignore */
  waits(connection: Connection): void {
    const now = this.#driver.wake();
    this.#timers.sent(connection, now);
    this.#driver.deliver([], now);
  }

  /** @ignore */
  drained(connection: Connection): void {
    const now = this.#driver.wake();
    const over = this.#timers.drained(connection, now);
    this.#driver.deliver([], now);
    this.#handler.drained(connection);
    if (over) this.#expire(connection);
  }

  /** @ignore */
  ended(connection: Connection, reason: ConnectionLoss): void {
    connection.readEnded = true;
    try {
      this.#handler.ended(connection, reason);
    } finally {
      // Who closes its half first still gets what it asked for.
      if (reason !== "end" || connection.unsent === 0) this.#forget(connection);
      else if (!connection.closing) this.#close(connection, {});
    }
  }

  /** @ignore */
  abandoned(connection: Connection): void {
    this.#forget(connection);
  }

  /** @ignore */
  writeFailed(connection: Connection): void {
    if (connection.readEnded) this.#forget(connection);
    else this.#handler.writeFailed?.(connection);
  }

  /** @ignore */
  crash(error: unknown): void {
    this.#handler.crash(error);
  }

  #send(connection: Connection, bytes: Uint8Array): void {
    if (connection.unsent + bytes.length > this.#sendLimit) connection.drop("not-reading");
    else connection.send(bytes);
  }

  #close(connection: Connection, options: ClosingOptions): void {
    if (connection.closing) return;
    connection.close(options);
    const now = this.#driver.wake();
    const over = this.#timers.close(connection, now);
    this.#driver.deliver([], now);
    if (over) this.#expire(connection);
  }

  /** Its time is over, or all is done that closing it waited for. */
  #expire(connection: Connection): void {
    connection.drop(connection.closing ? undefined : "not-reading");
    if (connection.readEnded) this.#forget(connection);
  }

  #forget(connection: Connection): void {
    if (this.#open.get(connection.id) !== connection) return;
    connection.drop();
    this.#timers.forget(connection);
    this.#open.delete(connection.id);
    if (this.#open.size === 0) this.#allGone?.();
  }

  #over(): Promise<void> {
    this.#driver.close();
    return Promise.resolve();
  }

  /** Hands on slice after slice. What is taken at once, as most is, must not wait for a promise. */
  #receiveSlices(connection: Connection, bytes: Uint8Array): Promise<void> | undefined {
    for (let at = 0; at < bytes.length && connection.taking; at += SLICE) {
      if (!this.#handler.ready!(connection)) {
        const rest = bytes.subarray(at), held = connection.hold();
        this.#handler.held?.(connection);
        return held.then(() => this.#receiveSlices(connection, rest));
      }
      this.#handler.data(connection, bytes.subarray(at, at + SLICE));
    }
    return undefined;
  }
}

/** In bytes: so much is taken beyond what may wait. */
const SLICE = 8_192;

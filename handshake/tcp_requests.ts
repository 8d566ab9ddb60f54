/**
 * Where requests end on TCP connections, and which connections have been silent for too long.
 *
 * Laws: a request ends at LF, at the end of the stream or after `QUIET` ms without a byte, and nothing
 * else; blank ones are skipped; a connection whose peer asked nothing well formed for `silence` ms is
 * closed, whatever else it sent; when connections are many, the one that was silent for longest makes
 * room for the next, so that silent peers keep nobody out; what one peer sends or leaves out delays no
 * other.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import { checkDuration, checkNumber } from "../core/check.ts";
import { Deadlines, type Slot } from "../core/deadlines.ts";
import { Framer } from "../core/framer.ts";
import type { Instant } from "../core/machine.ts";
import { decodeHello, MAX_HANDSHAKE_BYTES, QUIET } from "./message.ts";

/** Limits of TCP connections. */
export interface TcpConnectionOptions {
  /**
   * Milliseconds that a TCP connection may go without a well-formed HELLO until it is closed. The
   * default is the length of a lease: until then its holder may ask again. @default 30_000
   */
  silence?: number;
  /** Connections at a time at most. @default 10_000 */
  maxConnections?: number;
}

/** A connection and what it has not finished to ask. */
export interface TcpConnection {
  /** Its number, from 1 on. */
  readonly id: number;
  /** Its client's address as we see it. */
  readonly address: Address;
  /** Cuts its bytes into requests. */
  readonly framer: Framer;
  /** When its unfinished request ends. */
  readonly quiet: Slot;
  /** When it was silent for too long. */
  readonly silence: Slot;
  /** It is being closed: what it still sends is not looked at. */
  closing: boolean;
}

/** What was asked on a connection. */
export interface TcpRequest {
  /** Where it was asked. */
  readonly connection: TcpConnection;
  /** The id, `undefined` if it is no HELLO. */
  readonly id: string | undefined;
  /** Its length on the wire. */
  readonly byteLength: number;
  /** It ended in LF, as its reply should then. */
  readonly line: boolean;
}

/** What became due: a request that ended by quiet, or a connection that was silent for too long. */
export type TcpDue = TcpRequest | { readonly silent: TcpConnection };

/** Every TCP connection of one server. */
export class TcpRequests {
  /** In the order in which they last asked: the first was silent for longest. */
  readonly #open = new Map<number, TcpConnection>();
  readonly #deadlines = new Deadlines();
  readonly #owners: TcpConnection[] = [];
  readonly #silence: number;
  readonly #maxConnections: number;

  /**
   * Starts without connections.
   *
   * @throws {HeartlineError} `invalid-option`
   */
  constructor(options: TcpConnectionOptions = {}) {
    this.#silence = checkDuration("silence", options.silence ?? 30_000);
    const { maxConnections = 10_000 } = options;
    this.#maxConnections = checkNumber("maxConnections", maxConnections, { min: 1, integer: true });
  }

  /** When `due` is next worth calling. */
  get next(): Instant | undefined {
    return this.#deadlines.next;
  }

  /** Takes a new connection; returns the one that must make room for it, if one must. */
  open(id: number, address: Address, now: Instant): TcpConnection | undefined {
    let evicted: TcpConnection | undefined;
    if (this.#open.size >= this.#maxConnections) {
      [evicted] = this.#open.values();
      this.forget(evicted!.id);
    }
    const connection: TcpConnection = {
      id,
      address,
      framer: new Framer("\n", { limit: MAX_HANDSHAKE_BYTES }),
      quiet: this.#deadlines.add(Infinity),
      silence: this.#deadlines.add(now + this.#silence),
      closing: false,
    };
    this.#owners[connection.quiet] = this.#owners[connection.silence] = connection;
    this.#open.set(id, connection);
    return evicted;
  }

  /** Takes bytes and calls `take` for each request that ended; returns the connection if it goes too far. */
  read(
    id: number,
    bytes: Uint8Array,
    now: Instant,
    take: (request: TcpRequest) => void,
  ): TcpConnection | undefined {
    const connection = this.#open.get(id);
    if (!connection || connection.closing) return undefined;
    const { framer } = connection;
    framer.push(bytes);
    while (!connection.closing && framer.next()) this.#end(connection, true, take);
    // What it asked may have closed it, and given its places in the queue back.
    if (connection.closing) return undefined;
    if (framer.tooLong) return connection;
    this.#deadlines.arm(connection.quiet, framer.waiting > 0 ? now + QUIET : Infinity);
    return undefined;
  }

  /** The end of the stream ends the request that was not finished. */
  finish(id: number, take: (request: TcpRequest) => void): void {
    const connection = this.#open.get(id);
    if (!connection || connection.closing) return;
    if (connection.framer.rest()) this.#end(connection, false, take);
  }

  /** Notes that something well formed was asked on a connection. */
  asked(connection: TcpConnection, now: Instant): void {
    this.#deadlines.arm(connection.silence, now + this.#silence);
    this.#open.delete(connection.id);
    this.#open.set(connection.id, connection);
  }

  /** Calls `take` with everything that is due at `now`, in order. */
  due(now: Instant, take: (due: TcpDue) => void): void {
    for (let slot; (slot = this.#deadlines.expire(now)) !== undefined;) {
      const connection = this.#owners[slot]!;
      if (slot === connection.silence) take({ silent: connection });
      else if (connection.framer.rest()) this.#end(connection, false, take);
    }
  }

  /** Moves every deadline by the time in which our own process did not run. */
  stretch(by: number): void {
    this.#deadlines.stretch(by);
  }

  /** Removes a connection. */
  forget(id: number): void {
    const connection = this.#open.get(id);
    if (!connection) return;
    connection.closing = true;
    this.#open.delete(id);
    this.#deadlines.remove(connection.quiet);
    this.#deadlines.remove(connection.silence);
  }

  #end(connection: TcpConnection, line: boolean, take: (request: TcpRequest) => void): void {
    const { bytes, start, end } = connection.framer;
    const blank = end === start || (end - start === 1 && bytes[start] === CARRIAGE_RETURN);
    if (blank) return;
    take({
      connection,
      id: decodeHello(bytes, start, end),
      byteLength: end - start + Number(line),
      line,
    });
  }
}

const CARRIAGE_RETURN = 0x0d;

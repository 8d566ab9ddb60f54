/**
 * What a protocol needs from TCP.
 *
 * @module
 */
import type { Address } from "../core/address.ts";

/** Takes the next bytes of a stream, valid only during the call (or until its promise settles). */
export type StreamSink = (bytes: Uint8Array) => void | Promise<void>;

/** One TCP connection. Small messages leave at once (no Nagle delay). */
export interface StreamConnection {
  /** The peer's end. */
  readonly remote: Address;
  /** Our end. */
  readonly local: Address;
  /**
   * Hands the bytes to `sink` in order and resolves at the end of the stream or after `close`. A
   * promise from `sink` holds reading back until it settles. May be called once.
   *
   * @throws {HeartlineError} `connection-reset` or what else broke the connection
   */
  receive(sink: StreamSink): Promise<void>;
  /**
   * Sends bytes behind those sent before; the caller leaves them unchanged until it resolves.
   *
   * @throws {HeartlineError} `connection-reset` if the peer is gone, `closed` after `close`
   */
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Ends our half of the stream behind all that was written (FIN); receiving goes on.
   *
   * @throws {HeartlineError} `connection-reset` if the peer is gone, `closed` after `close`
   */
  end(): Promise<void>;
  /** Closes both directions at once; calling it again does nothing. */
  close(): void;
  /**
   * Drops the connection at once with a reset (RST), also an idle one; afterwards it is closed. Deno's
   * native sockets cannot reset and just close: `openNet({ resets: true })` avoids them.
   */
  reset(): void;
}

/** A listening TCP socket. */
export interface StreamListener {
  /** Where it listens; the port is never 0. */
  readonly address: Address;
  /**
   * Hands every new connection to `sink` until the listener is closed; resolves then. A connection
   * that fails before it is accepted, or that finds no free descriptor, goes to `failed` and does
   * not end it. May be called once.
   */
  accept(
    sink: (connection: StreamConnection) => void,
    failed: (error: Error) => void,
  ): Promise<void>;
  /** Stops listening; open connections stay. Calling it again does nothing. */
  close(): void;
}

/**
 * Connections that may wait to be accepted: after a cut all clients come back at once, and a connection
 * that finds no room tries again after a second. Linux takes up to 4,096 (`net.core.somaxconn`).
 */
export const BACKLOG = 4_096;

/** Bytes of the buffer that a connection is read into to begin with: few, for 10,000 idle peers. */
export const FIRST_READ = 256;
/** Bytes at most; a multiple of the first by fours. */
export const LARGEST_READ = 65_536;

/**
 * Bytes of the buffer to read into after one of `size` took `count`: four times as many after a full
 * one, and a quarter once a sixteenth was enough, so that whoever was behind does not keep them.
 */
export function nextReadSize(size: number, count: number): number {
  if (count === size) return Math.min(size * 4, LARGEST_READ);
  return count * 16 <= size ? Math.max(size / 4, FIRST_READ) : size;
}

/**
 * What a protocol needs from UDP.
 *
 * This file knows the shape of a datagram socket. It does not know any runtime.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { HeartlineError } from "../core/errors.ts";

/** Takes one datagram. `bytes` is valid only during the call. */
export type DatagramSink = (bytes: Uint8Array, from: Address) => void;

/** Takes the error of a datagram that was not sent to `to`. */
export type DatagramFailure = (error: HeartlineError, to: Address) => void;

/** A bound UDP socket. */
export interface DatagramSocket {
  /** Where it is bound; the port is never 0. */
  readonly address: Address;
  /**
   * Hands every datagram to `sink`, one at a time and in the order of arrival, until the socket is
   * closed; resolves then. May be called once. Errors that the system reports between datagrams, such
   * as an ICMP refusal, do not end it; an exception of `sink` does, and rejects.
   */
  receive(sink: DatagramSink): Promise<void>;
  /**
   * Sends one datagram; `bytes` may be used again once it resolves.
   *
   * @throws {HeartlineError} with the code of the failure; the socket stays usable
   */
  send(bytes: Uint8Array, to: Address): Promise<void>;
  /**
   * The same for who sends 100,000 a second, to whom promises are dear: calls one of both once, perhaps
   * before it returns. `failed` gets what `send` would have thrown.
   */
  post(bytes: Uint8Array, to: Address, sent: () => void, failed: DatagramFailure): void;
  /** Datagrams the kernel threw away because its buffer was full; `undefined` where not known. */
  kernelDrops(): number | undefined;
  /** Closes; calling it again does nothing. */
  close(): void;
}

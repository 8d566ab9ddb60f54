/**
 * What a protocol needs from UDP.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { HeartlineError } from "../core/errors.ts";

/** Takes one datagram. `bytes` is valid only during the call. */
export type DatagramSink = (bytes: Uint8Array, from: Address) => void;

/** Takes what kept a datagram from being sent to `to`. */
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
   * Sends one datagram and calls one of both once, perhaps before it returns: `sent` when the system has
   * taken it and `bytes` may be used again, or `failed`, after which the socket is as usable as before.
   * No promise: who answers 100,000 a second would make one for each. {@linkcode sendDatagram} does.
   */
  send(bytes: Uint8Array, to: Address, sent: () => void, failed: DatagramFailure): void;
  /** Datagrams the kernel threw away because its buffer was full; `undefined` where not known. */
  kernelDrops(): number | undefined;
  /** Closes; calling it again does nothing. */
  close(): void;
}

/**
 * Sends one datagram; `bytes` may be used again once it resolves.
 *
 * @throws {HeartlineError} with the code of the failure; the socket stays usable
 *
 * @example
 * ```ts
 * import { openNet, sendDatagram } from "@heartline/heartline/net";
 *
 * const net = await openNet();
 * const socket = await net.bindDatagram({ hostname: "127.0.0.1", port: 0 });
 * await sendDatagram(socket, new Uint8Array(3), socket.address);
 * socket.close();
 * ```
 */
export function sendDatagram(
  socket: Pick<DatagramSocket, "send">,
  bytes: Uint8Array,
  to: Address,
): Promise<void> {
  return new Promise((sent, failed) => socket.send(bytes, to, sent, failed));
}

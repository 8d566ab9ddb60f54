/**
 * How servers and clients of handshakes behave, as their users say.
 *
 * @module
 */
import type { HandshakeTransport } from "./events.ts";
import type { LeaseOptions } from "./lease_table.ts";
import type { TcpConnectionOptions } from "./tcp_requests.ts";

/** How a server answers, and when it stops. Lengths of time are milliseconds. */
export interface HandshakeServerMachineOptions extends LeaseOptions, TcpConnectionOptions {
  /**
   * The server stops when there was no well-formed HELLO for so long; `Infinity` is never.
   * @default 120_000
   */
  idleExit?: number;
  /**
   * Never send a reply of more than three times its request (RFC 9000 section 8), and answer each
   * source address at most 100 times a second after a burst of 200. @default false
   */
  strict?: boolean;
  /** Emit an event for each HELLO and for each lease that ends; off, none is allocated. @default false */
  emitRequests?: boolean;
}

/** How a client tries. Lengths of time are milliseconds. */
export interface HandshakeTryOptions {
  /** The connection id to ask for first: 1..64 printable ASCII characters without a space. */
  id: string;
  /** What carries the handshake. @default "udp" */
  transport?: HandshakeTransport;
  /** How long a try waits for a reply. @default 15_000 */
  timeout?: number;
  /** Tries at most, each with a new socket. @default 3 */
  tries?: number;
  /**
   * Over UDP, repeat the HELLO on the same socket after 0.25, 0.5 and 1 s and then every second, so
   * that a lost datagram does not cost a try. @default true
   */
  retransmit?: boolean;
}

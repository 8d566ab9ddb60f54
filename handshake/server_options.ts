/**
 * What a handshake server is given to start with, what it is told later, and what it wants done.
 *
 * This file knows the forms. It does not know what is done with them.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { HandshakeServerEvent } from "./events.ts";
import type { LeaseOptions } from "./lease_table.ts";
import type { TcpPeerOptions } from "./tcp_requests.ts";

/** How a server answers, and when it stops. Lengths of time are milliseconds. */
export interface HandshakeServerMachineOptions extends LeaseOptions, TcpPeerOptions {
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

/** What a server machine is told; `connection` is a number from 1 on that is used once. */
export type HandshakeServerInput =
  /** A datagram arrived. */
  | { readonly type: "datagram"; readonly bytes: Uint8Array; readonly from: Address }
  /** A TCP peer connected. */
  | { readonly type: "connected"; readonly connection: number; readonly remote: Address }
  /** Bytes arrived on a connection. */
  | { readonly type: "data"; readonly connection: number; readonly bytes: Uint8Array }
  /** The peer sends nothing more on a connection. */
  | { readonly type: "ended"; readonly connection: number }
  /** A connection is gone. */
  | { readonly type: "closed"; readonly connection: number }
  /** A connection could not be accepted. */
  | { readonly type: "accept-failed"; readonly code: ErrorCode; readonly message: string }
  /** A reply could not be sent. */
  | {
    readonly type: "send-failed";
    readonly to: string;
    readonly code: ErrorCode;
    readonly message: string;
  }
  /** A reply was not sent because too many wait for the socket. */
  | { readonly type: "overloaded"; readonly from: Address };

/**
 * A reply to send, a connection to close, or an event. `bytes` never change and may be sent without a
 * copy. `close` with `now` drops what is still unsent; without, replies go out first.
 */
export type HandshakeServerOutput =
  | { readonly type: "reply"; readonly to: Address; readonly bytes: Uint8Array }
  | { readonly type: "send"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly type: "close"; readonly connection: number; readonly now: boolean }
  | HandshakeServerEvent;

/**
 * What goes into the client machine of handshakes, and what comes out.
 *
 * This file knows the shapes. It does not know what one leads to.
 *
 * @module
 */
import type { HeartlineError } from "../core/errors.ts";
import type { HandshakeClientEvent, HandshakeFault, HandshakeTransport } from "./events.ts";

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

/** What a client machine is told; `try` is the number its `open` carried. */
export type HandshakeClientInput =
  /** The socket is open; `local` is our end. */
  | { readonly type: "opened"; readonly try: number; readonly local: string }
  /** The socket was not opened. */
  | { readonly type: "open-failed"; readonly try: number; readonly error: HeartlineError }
  /** A datagram came from the server. */
  | { readonly type: "datagram"; readonly try: number; readonly bytes: Uint8Array }
  /** Bytes came over a connection. */
  | { readonly type: "data"; readonly try: number; readonly bytes: Uint8Array }
  /** A datagram came from somebody else. */
  | { readonly type: "stranger"; readonly try: number }
  /** The connection is gone. */
  | { readonly type: "ended"; readonly try: number; readonly reason: HandshakeFault }
  /** A HELLO could not be sent. */
  | { readonly type: "send-failed"; readonly try: number; readonly error: HeartlineError }
  /** The answer to `ask-id`; `undefined` if there is no further id. */
  | { readonly type: "next-id"; readonly id: string | undefined };

/** A socket to open or close, bytes to send, the wish for another id, or an event. */
export type HandshakeClientOutput =
  | { readonly type: "open"; readonly try: number }
  | { readonly type: "send"; readonly try: number; readonly bytes: Uint8Array }
  | { readonly type: "close"; readonly try: number }
  | FailedTry & { readonly type: "ask-id" }
  | HandshakeClientEvent;

/** The try that failed when another id is asked for. */
export interface FailedTry {
  /** Its number, counted from 1. */
  readonly try: number;
  /** The id it asked for. */
  readonly id: string;
  /** Why it failed. */
  readonly reason: HandshakeFault;
}

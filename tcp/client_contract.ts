/**
 * What goes into the client machine of TCP heartbeats, and what comes out.
 *
 * This file knows the shapes. It does not know what one leads to.
 *
 * @module
 */
import type { HeartlineError } from "../core/errors.ts";
import type { Instant, Random } from "../core/machine.ts";
import type { TcpClientEvent, TcpLossReason } from "./events.ts";

/** What a client machine cannot know by itself. */
export interface TcpClientSurroundings {
  /** The server as `host:port`, for events. */
  readonly server: string;
  /** Draws the waits between attempts. */
  readonly random: Random;
  /** Milliseconds since 1970 at an instant, for the wire. */
  readonly wall: (now: Instant) => number;
}

/** What a client machine is told; `connection` is the number its `connect` carried. */
export type TcpClientInput =
  /** The connection is open; `local` is our end. */
  | { readonly type: "connected"; readonly connection: number; readonly local: string }
  /** The connection was not opened. */
  | { readonly type: "refused"; readonly connection: number; readonly error: HeartlineError }
  /** The system took so many bytes of ours. */
  | { readonly type: "written"; readonly connection: number; readonly byteLength: number }
  /** A heartbeat could not be sent. */
  | {
    readonly type: "send-failed";
    readonly connection: number;
    readonly sequence: number;
    readonly error: HeartlineError;
  }
  /** Bytes arrived. */
  | { readonly type: "data"; readonly connection: number; readonly bytes: Uint8Array }
  /** The connection is gone. */
  | { readonly type: "ended"; readonly connection: number; readonly reason: TcpLossReason }
  /** This process did not run for `by` ms. */
  | { readonly type: "stalled"; readonly by: number };

/** A connection to open or close, bytes to send, or an event. */
export type TcpClientOutput =
  | { readonly type: "connect"; readonly connection: number }
  | {
    readonly type: "send";
    readonly connection: number;
    readonly sequence: number;
    readonly bytes: Uint8Array;
  }
  | { readonly type: "close"; readonly connection: number }
  | TcpClientEvent;

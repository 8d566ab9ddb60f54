/**
 * What goes into a keepalive connection, and what comes out.
 *
 * This file knows the shapes. It does not know what one leads to.
 *
 * @module
 */
import type { KeepaliveConnectionEvent, KeepaliveEnd, KeepaliveRemote } from "./events.ts";

/** What the machine of a connection is told. */
export type KeepaliveInput =
  /** Bytes arrived; read during the call only. */
  | { readonly type: "bytes"; readonly bytes: Uint8Array }
  /** The system took so many bytes of ours. */
  | { readonly type: "written"; readonly byteLength: number }
  /** The application sends DATA; ask `refusal` first. */
  | { readonly type: "send"; readonly payload: string }
  /** The application answers DATA of the peer. */
  | { readonly type: "reply"; readonly id: number; readonly payload: string }
  /** The stream ended or broke. */
  | { readonly type: "ended"; readonly reason: KeepaliveEnd }
  /** The application stops: the peer is told. */
  | { readonly type: "stop" };

/** Bytes to send, a connection to close once `last` is written, or an event. */
export type KeepaliveOutput<Remote extends KeepaliveRemote = KeepaliveRemote> =
  | { readonly type: "send"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly type: "close"; readonly connection: number; readonly last: Uint8Array | undefined }
  | KeepaliveConnectionEvent<Remote>
  | { readonly type: "stalled"; readonly by: number };

/** What a connection is made of. */
export interface KeepaliveConnectionOptions<Remote extends KeepaliveRemote = KeepaliveRemote> {
  /** The number its outputs carry. */
  readonly connection: number;
  /** What its events and its report say of the other side. */
  readonly remote: Remote;
  /** The payload of the DATA messages sent every `dataInterval`; `undefined` sends none. */
  readonly payload: string | undefined;
}

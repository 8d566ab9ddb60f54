/**
 * What goes into the client machine of sequences, and what comes out.
 *
 * This file knows the shapes. It does not know what one leads to.
 *
 * @module
 */
import type { HeartlineError } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import type { SavedChecksum } from "./checksum.ts";
import type { SequenceClientEvent, SequenceRetryReason } from "./events.ts";

/** Everything a client needs to go on after it was killed. It holds a token: keep it to yourself. */
export interface SequenceSnapshot {
  /** The form of this record. */
  readonly version: 1;
  /** The client's id, a UUID. */
  readonly client: string;
  /** How many numbers there are, 1..65535. */
  readonly length: number;
  /** The session, once there is one. */
  readonly session?: { readonly id: string; readonly token: string };
  /** Checksums over the numbers that were taken; its `count` says where to go on. */
  readonly checksum: SavedChecksum;
  /** All numbers were taken and both checksums were equal. */
  readonly done: boolean;
}

/** What a client machine cannot know by itself. */
export interface SequenceClientSurroundings {
  /** The server as `host:port`, for events. */
  readonly server: string;
  /** Draws the waits between attempts. */
  readonly random: Random;
}

/** What a client machine is told; `connection` is the number its `connect` carried. */
export type SequenceClientInput =
  /** The connection is open. */
  | { readonly type: "connected"; readonly connection: number }
  /** The connection was not opened. */
  | { readonly type: "refused"; readonly connection: number; readonly error: HeartlineError }
  /** Bytes arrived. */
  | { readonly type: "data"; readonly connection: number; readonly bytes: Uint8Array }
  /** The connection is gone. */
  | {
    readonly type: "ended";
    readonly connection: number;
    readonly reason: SequenceRetryReason;
  }
  /** What was taken so far may be confirmed. */
  | { readonly type: "confirm" }
  /** The last `save` is done. */
  | { readonly type: "saved" };

/**
 * A connection to open or close, bytes to send, a snapshot to keep, or an event. The bytes share their
 * memory with other messages: do not change or transfer them.
 */
export type SequenceClientOutput =
  | { readonly type: "connect"; readonly connection: number }
  | { readonly type: "send"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly type: "close"; readonly connection: number }
  | { readonly type: "save"; readonly snapshot: SequenceSnapshot }
  | SequenceClientEvent;

/**
 * What goes into the server machine of sequences, and what comes out.
 *
 * This file knows the shapes. It does not know what one leads to.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Instant, Random } from "../core/machine.ts";
import type { SequenceLossReason, SequenceServerEvent } from "./events.ts";
import type { RandomBytes } from "./secret.ts";
import type { SequenceSession, SessionProgress, SessionResumption } from "./store.ts";

/** What a server machine cannot know by itself. */
export interface SequenceServerSurroundings {
  /** Makes seeds, session names and tokens; must not be guessable. */
  readonly randomBytes: RandomBytes;
  /** Spreads the return of clients when the server stops. */
  readonly random: Random;
  /** Milliseconds since 1970 at an instant, for the store. */
  readonly wall: (now: Instant) => number;
}

/** A call of the store: a method of `SessionStore` and its arguments. */
export type StoreCall =
  | { readonly type: "create"; readonly session: SequenceSession }
  | { readonly type: "load"; readonly id: string }
  | {
    readonly type: "resume";
    readonly id: string;
    readonly epoch: number;
    readonly change: SessionResumption;
  }
  | {
    readonly type: "progress";
    readonly id: string;
    readonly epoch: number;
    readonly change: SessionProgress;
  }
  | {
    readonly type: "finish";
    readonly id: string;
    readonly epoch: number;
    readonly end: { readonly state: "completed" | "expired"; readonly until: number };
  };

/** What a call of the store came to. */
export type StoreAnswer =
  /** `load` found this, or nothing. */
  | { readonly type: "loaded"; readonly session: SequenceSession | undefined }
  /** `create` is done, or another call says whether it changed anything. */
  | { readonly type: "stored"; readonly changed: boolean }
  /** The store cannot be reached. */
  | { readonly type: "failed"; readonly message: string };

/** What a server machine is told; `connection` is any number that is used once. */
export type SequenceServerInput =
  /** A client connected. */
  | { readonly type: "connected"; readonly connection: number; readonly remote: Address }
  /** Bytes arrived. */
  | { readonly type: "data"; readonly connection: number; readonly bytes: Uint8Array }
  /** The system took so many bytes of ours. */
  | { readonly type: "written"; readonly connection: number; readonly byteLength: number }
  /** A connection is gone. */
  | { readonly type: "ended"; readonly connection: number; readonly reason: SequenceLossReason }
  /** The answer to the `store` output with this number. */
  | { readonly type: "answer"; readonly request: number; readonly answer: StoreAnswer }
  /** A connection could not be accepted. */
  | { readonly type: "accept-failed"; readonly code: ErrorCode; readonly message: string }
  /** The server is to stop: send the clients away. */
  | { readonly type: "shutdown" };

/**
 * Bytes to send, a connection to close behind them, a call of the store, or an event. `linger` is how
 * many ms the peer gets, once the bytes are written, to read why and to close first: a socket closed with
 * bytes unread takes back what it sent.
 */
export type SequenceServerOutput =
  /** Bytes to send, which share their memory with other messages: do not change or transfer them. */
  | { readonly type: "send"; readonly connection: number; readonly bytes: Uint8Array }
  | { readonly type: "close"; readonly connection: number; readonly linger: number }
  | { readonly type: "store"; readonly request: number; readonly call: StoreCall }
  | SequenceServerEvent;

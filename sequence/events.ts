/**
 * What sequence servers and clients tell their users.
 *
 * No event carries a token.
 *
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";
import type { SequenceDigest } from "./checksum.ts";
import type { SequenceRejection } from "./message.ts";
import type { StoreWarning } from "./store.ts";

/**
 * How a session lost its connection. `end`: the client closed its side. `reset`: it, or something
 * between, dropped it. `silent`: three heartbeats went unanswered. `not-reading`: nothing could be
 * written for the write deadline. `rejected`: the client broke a rule. `shutdown`: this server stops.
 */
export type SequenceLossReason =
  | "end"
  | "reset"
  | "silent"
  | "not-reading"
  | "rejected"
  | "shutdown"
  | ErrorCode;

/** Lengths of time are milliseconds; `client` is `host:port`. */
export type SequenceServerEvent =
  /** The socket listens. */
  | {
    readonly type: "listening";
    readonly hostname: string;
    readonly port: number;
    readonly transport: "tcp";
  }
  /** A new session: the numbers begin. */
  | {
    readonly type: "started";
    readonly session: string;
    readonly client: string;
    readonly length: number;
  }
  /** A session goes on over a new connection, from number `next`. */
  | {
    readonly type: "resumed";
    readonly session: string;
    readonly client: string;
    readonly epoch: number;
    readonly next: number;
  }
  /** The old connection of a session was closed, because the client came back on another. */
  | { readonly type: "replaced"; readonly session: string; readonly client: string }
  /** Another server took the session over. */
  | { readonly type: "moved"; readonly session: string }
  /**
   * The store had lost what was written: `count` sessions were written back since the last such event, the last
   * one this. Their clients notice nothing.
   */
  | { readonly type: "written-back"; readonly session: string; readonly count: number }
  /** A session has no connection; it is kept for the window. `next`: confirmed numbers. */
  | {
    readonly type: "disconnected";
    readonly session: string;
    readonly client: string;
    readonly reason: SequenceLossReason;
    readonly next: number;
  }
  /** The client confirmed everything. */
  | { readonly type: "completed"; readonly session: string; readonly length: number }
  /** The client did not come back within the window. */
  | { readonly type: "expired"; readonly session: string; readonly next: number }
  /** `count` connections were rejected since the last such event, the last one for this reason. */
  | {
    readonly type: "rejected";
    readonly client: string;
    readonly reason: SequenceRejection;
    readonly count: number;
  }
  /** The source of numbers threw, or gave no uint32: this session's client is told and stops, all others go on. */
  | {
    readonly type: "user-code";
    readonly session: string;
    readonly client: string;
    readonly message: string;
  }
  /** `count` calls of the store failed; new and resuming sessions wait, the others go on. */
  | { readonly type: "store-failed"; readonly message: string; readonly count: number }
  /** Something about the store will cost sessions; said once, and again if it went and came back. */
  | {
    readonly type: "store-warning";
    readonly code: StoreWarning["code"];
    readonly message: string;
  }
  /** `count` connections could not be accepted since the last such event; the server goes on. */
  | {
    readonly type: "accept-failed";
    readonly code: ErrorCode;
    readonly message: string;
    readonly count: number;
  }
  /** This process did not run for `by` ms; all deadlines were moved by as much. */
  | { readonly type: "stalled"; readonly by: number };

/** Why a client goes on with another connection. */
export type SequenceRetryReason =
  | SequenceRejection
  | "end"
  | "reset"
  | "silent"
  | "gap"
  | "malformed"
  | "goaway"
  | "not-saved"
  | ErrorCode;

/** Why a client stops before the end. */
export type SequenceFailure = SequenceRejection | "REPLACED" | "CHECKSUM";

/** Lengths of time are milliseconds; `server` is `host:port` as the user gave it. */
export type SequenceClientEvent =
  /** A connection is attempted. */
  | { readonly type: "connecting"; readonly server: string; readonly attempt: number }
  /** A new session: `length` numbers will come. */
  | { readonly type: "started"; readonly session: string; readonly length: number }
  /** The session goes on from number `next`. */
  | { readonly type: "resumed"; readonly session: string; readonly next: number }
  /** The connection is lost or was not opened; the next attempt follows in `retryIn`. */
  | {
    readonly type: "disconnected";
    readonly reason: SequenceRetryReason;
    readonly message: string;
    readonly retryIn: number;
  }
  /** `count` numbers came again and were dropped. */
  | { readonly type: "repeated"; readonly count: number }
  /** This process did not run for `by` ms; deadlines were moved by as much. */
  | { readonly type: "stalled"; readonly by: number }
  /** Every number arrived once, and both checksums are equal. The last event. */
  | {
    readonly type: "done";
    readonly length: number;
    readonly digest: SequenceDigest;
    /** Numbers that came again and were dropped. */
    readonly repeated: number;
    /** Connections it took. */
    readonly connections: number;
  }
  /** It cannot go on. The last event. */
  | {
    readonly type: "failed";
    readonly code: SequenceFailure;
    readonly message: string;
    /** With `CHECKSUM`: ours. */
    readonly local?: SequenceDigest;
    /** With `CHECKSUM`: the server's. */
    readonly remote?: SequenceDigest;
  };

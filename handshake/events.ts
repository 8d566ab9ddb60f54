/**
 * What handshake servers and clients tell their users.
 *
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";
import type { RejectedEvent } from "../core/limited_reports.ts";

/** What carries a handshake. */
export type HandshakeTransport = "udp" | "tcp";

/**
 * Why something was not answered.
 *
 * | reason | what happened |
 * |---|---|
 * | `malformed` | it is no HELLO; over TCP its connection was closed |
 * | `too-long` | a TCP request went over its limit; its connection was closed |
 * | `silent` | a TCP peer asked nothing for too long; its connection was closed |
 * | `too-many-connections` | the TCP peer that was silent for longest made room for another |
 * | `table-full` | as many ids as allowed are leased: the new one got a RESET |
 * | `reply-too-long` | strict: the reply would have been more than three times the request |
 * | `rate-limited` | strict: the sender's address asked for too much |
 * | `overloaded` | as many replies as allowed wait for our own socket |
 */
export type HandshakeRejection =
  | "malformed"
  | "too-long"
  | "silent"
  | "too-many-connections"
  | "table-full"
  | "reply-too-long"
  | "rate-limited"
  | "overloaded";

/** Lengths of time are milliseconds; `client`, `from` and `to` are `host:port`. */
export type HandshakeServerEvent =
  /** A socket is bound; said for each transport. */
  | {
    readonly type: "listening";
    readonly hostname: string;
    readonly port: number;
    readonly transport: HandshakeTransport;
  }
  /**
   * A HELLO was answered; only with the option `emitRequests`. `granted`: the id was free and is leased
   * now; `repeated`: its holder asked again; `refused`: somebody else has it, or there is no room.
   * `expiresIn`: what is left of the lease.
   */
  | {
    readonly type: "granted" | "repeated" | "refused";
    readonly id: string;
    readonly client: string;
    readonly transport: HandshakeTransport;
    readonly expiresIn: number;
  }
  /** A lease is over; only with the option `emitRequests`. */
  | { readonly type: "expired"; readonly id: string; readonly client: string }
  /** Requests were not answered as asked: `count` since the last report of this reason. */
  | RejectedEvent<HandshakeRejection>
  /** Replies could not be sent: `count` since the last report, the last one `to`. */
  | {
    readonly type: "send-failed";
    readonly to: string;
    readonly code: ErrorCode;
    readonly message: string;
    readonly count: number;
  }
  /** Connections could not be accepted: `count` since the last report. */
  | {
    readonly type: "accept-failed";
    readonly code: ErrorCode;
    readonly message: string;
    readonly count: number;
  }
  /** This process did not run for `by` ms; every deadline but that of a lease was moved by as much. */
  | { readonly type: "stalled"; readonly by: number }
  /** Nobody asked for `idleFor` ms: the server stops. */
  | { readonly type: "idle"; readonly idleFor: number };

/**
 * Why a try failed: `reset` (the id is in use), `timed-out` (no reply), `ended` (the server closed the
 * connection without one), or the code of what kept the socket from opening.
 */
export type HandshakeFault = "reset" | "ended" | ErrorCode;

/** Tries count from 1; lengths of time are milliseconds. */
export type HandshakeClientEvent =
  /** A new socket is open and the HELLO is on its way; `local` is our end as `host:port`. */
  | {
    readonly type: "trying";
    readonly try: number;
    readonly id: string;
    readonly local: string;
    readonly server: string;
  }
  /** The server said OK: the id is ours, and it sees us at `hostname` and `port`. */
  | {
    readonly type: "established";
    readonly try: number;
    readonly id: string;
    readonly hostname: string;
    readonly port: number;
    /** How many HELLOs this try took. */
    readonly sent: number;
  }
  /** A try failed. */
  | {
    readonly type: "error";
    readonly try: number;
    readonly id: string;
    readonly reason: HandshakeFault;
    /** What the system said, if it said something. */
    readonly message?: string;
  }
  /** All tries failed, or there was no further id to try. */
  | { readonly type: "failure"; readonly tries: number }
  /** Messages were ignored that were no reply to us: `count` since the last report. */
  | {
    readonly type: "ignored";
    readonly reason: "malformed" | "other-id" | "other-sender";
    readonly count: number;
  }
  /** HELLOs could not be sent; the try goes on: `count` since the last report. */
  | {
    readonly type: "send-failed";
    readonly code: ErrorCode;
    readonly message: string;
    readonly count: number;
  }
  /** This process did not run for `by` ms; the timeout was moved by as much. */
  | { readonly type: "stalled"; readonly by: number };

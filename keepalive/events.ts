/**
 * What keepalive servers and clients tell their users.
 *
 * This file knows the events. It does not know when they happen.
 *
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";

/** `data`: something was heard in time. `heartbeat`: nothing was, and the peer is probed. */
export type KeepalivePhase = "data" | "heartbeat";

/**
 * How a connection ended. By us: `silent` (every probe was missed), `malformed` (what came is no
 * message), `too-long` (a line without an end), `not-reading` (64 KiB wait for the peer). By the peer:
 * `terminated` (it sent TERMINATE), `end` (it closed its side), `reset` (it, or something between,
 * dropped the connection). Anything else is the code of the failure.
 */
export type KeepaliveEnd =
  | "silent"
  | "malformed"
  | "too-long"
  | "not-reading"
  | "terminated"
  | "end"
  | "reset"
  | ErrorCode;

/** Lengths of time are milliseconds; `peer` is the other side's `host:port`. */
export type KeepaliveEvent =
  /** The connection is open. */
  | { readonly type: "connected"; readonly peer: string; readonly local: string }
  /** A DATA message was sent; ids count up from 1. */
  | {
    readonly type: "sent";
    readonly peer: string;
    readonly id: number;
    readonly payload: string;
  }
  /** The peer sent DATA; the option `reply` says what it gets for it. */
  | {
    readonly type: "data";
    readonly peer: string;
    readonly id: number;
    readonly payload: string;
  }
  /** The peer answered a DATA message; `rtt` is undefined for one too old to remember. */
  | {
    readonly type: "reply";
    readonly peer: string;
    readonly id: number;
    readonly payload: string;
    readonly rtt: number | undefined;
  }
  /** The connection moved to another phase; the peer had been silent for `silentFor`. */
  | {
    readonly type: "phase";
    readonly peer: string;
    readonly phase: KeepalivePhase;
    readonly silentFor: number;
  }
  /** A probe was sent. */
  | { readonly type: "probe"; readonly peer: string; readonly id: number }
  /** The peer answered a probe; `rtt` is undefined for one too old to remember. */
  | {
    readonly type: "probe-answered";
    readonly peer: string;
    readonly id: number;
    readonly rtt: number | undefined;
  }
  /** A probe was not answered in time: the `inARow`th of the `limit` that end the connection. */
  | {
    readonly type: "probe-missed";
    readonly peer: string;
    readonly id: number;
    readonly inARow: number;
    readonly limit: number;
  }
  /**
   * The peer answers probes and sends no data: it is alive and stays connected, but its application
   * hangs or has nothing to say. Said once for each heartbeat phase.
   */
  | {
    readonly type: "probes-only";
    readonly peer: string;
    /** Since data last came, or since the connection was opened. */
    readonly noDataFor: number;
    /** DATA messages of ours without a reply. */
    readonly unreplied: number;
  }
  /** The connection is over, the last event of it. */
  | {
    readonly type: "disconnected";
    readonly peer: string;
    readonly reason: KeepaliveEnd;
    /** What the peer said, with `terminated`. */
    readonly said: string | undefined;
    /** Since the peer was last heard. */
    readonly silentFor: number;
    /** How long it was open. */
    readonly connectedFor: number;
  }
  /** This process did not run for `by` ms; all verdicts were put off by as much. */
  | { readonly type: "lagged"; readonly by: number };

/** What a server says besides. */
export type KeepaliveServerEvent =
  | KeepaliveEvent
  /** The socket listens. */
  | {
    readonly type: "listening";
    readonly host: string;
    readonly port: number;
    readonly transport: "tcp";
    /** After how long a silent peer is declared dead. */
    readonly detection: number;
  }
  /** `count` connections were not taken since the last such event, the last one from `peer`. */
  | {
    readonly type: "refused";
    readonly peer: string;
    readonly reason: "too-many-clients";
    readonly count: number;
  }
  /** `count` connections could not be accepted since the last such event; the server goes on. */
  | {
    readonly type: "accept-failed";
    readonly code: ErrorCode;
    readonly message: string;
    readonly count: number;
  };

/** Everything known about one connection at one moment. */
export interface KeepaliveReport {
  /** The other side's `host:port`. */
  readonly peer: string;
  /** Whether it is probed. */
  readonly phase: KeepalivePhase;
  /** Milliseconds since it was last heard. */
  readonly silentFor: number;
  /** Milliseconds since the connection was opened. */
  readonly connectedFor: number;
  /** Probes missed in a row. */
  readonly missed: number;
  /** The last round trip in ms, of a probe or of data; `undefined` before the first. */
  readonly rtt: number | undefined;
  /** DATA messages of ours without a reply. */
  readonly unreplied: number;
  /** Bytes that wait because the peer, or the network, does not take them. */
  readonly unsent: number;
}

/**
 * What keepalive servers and clients tell their users.
 *
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";

/** `data`: something was heard in time. `heartbeat`: nothing was, and the peer is probed. */
export type KeepalivePhase = "data" | "heartbeat";

/**
 * How a connection ended. By us: `silent` (every probe was missed), `malformed` (what came is no
 * message), `too-long` (a line without an end), `not-reading` (64 KiB wait for the peer; or it took none of what
 * waits for as long as it takes to find it dead, and could not be heard because nothing more could be taken from
 * it), `user-code` (the option `reply` threw, or gave what is no payload). By the peer:
 * `terminated` (it sent TERMINATE), `end` (it closed its side), `reset` (it, or something between,
 * dropped the connection). Anything else is the code of the failure.
 */
export type KeepaliveEnd =
  | "silent"
  | "malformed"
  | "too-long"
  | "not-reading"
  | "user-code"
  | "terminated"
  | "end"
  | "reset"
  | ErrorCode;

/** The other side as `host:port`: a server's events name the client, a client's the server. */
export type KeepaliveRemote = KeepaliveClientName | KeepaliveServerName;

/** The client as `host:port`. */
export interface KeepaliveClientName {
  /** The address that it connects from, `host:port`. */
  readonly client: string;
}

/** The server as `host:port`. */
export interface KeepaliveServerName {
  /** Its address as the user gave it, `host:port`. */
  readonly server: string;
}

/** What happens on one connection, whichever side it is. Lengths of time are milliseconds. */
export type KeepaliveConnectionEvent<Remote extends KeepaliveRemote = KeepaliveRemote> =
  /** The connection is open. */
  | ({ readonly type: "connected"; readonly local: string } & Remote)
  /** A DATA message was sent; ids count up from 1. */
  | ({
    readonly type: "sent";
    readonly id: number;
    readonly payload: string;
  } & Remote)
  /** The peer sent DATA; the option `reply` says what it gets for it. */
  | ({
    readonly type: "data";
    readonly id: number;
    readonly payload: string;
  } & Remote)
  /** The peer answered a DATA message; `rtt` is undefined for one too old to remember. */
  | ({
    readonly type: "reply";
    readonly id: number;
    readonly payload: string;
    readonly rtt: number | undefined;
  } & Remote)
  /** The connection moved to another phase; the peer had been silent for `silentFor`. */
  | ({
    readonly type: "phase";
    readonly phase: KeepalivePhase;
    readonly silentFor: number;
  } & Remote)
  /** A probe was sent. */
  | ({ readonly type: "probe"; readonly id: number } & Remote)
  /** The peer answered a probe; `rtt` is undefined for one too old to remember. */
  | ({
    readonly type: "probe-answered";
    readonly id: number;
    readonly rtt: number | undefined;
  } & Remote)
  /** A probe was not answered in time: the `inARow`th of the `limit` that end the connection. */
  | ({
    readonly type: "probe-missed";
    readonly id: number;
    readonly inARow: number;
    readonly limit: number;
  } & Remote)
  /**
   * The peer answers probes and sends no data: it is alive and stays connected, but its application
   * hangs or has nothing to say. Said once for each heartbeat phase.
   */
  | ({
    readonly type: "probes-only";
    /** Since data last came, or since the connection was opened. */
    readonly noDataFor: number;
    /** DATA messages of ours without a reply. */
    readonly unreplied: number;
  } & Remote)
  /** Every probe was missed: `disconnected` follows, for the reason `silent`. */
  | ({ readonly type: "down"; readonly silentFor: number } & Remote)
  /** The connection is over, the last event of it. */
  | ({
    readonly type: "disconnected";
    readonly reason: KeepaliveEnd;
    /** What the peer said, with `terminated`; what our own code threw, with `user-code`. */
    readonly said: string | undefined;
    /** Since the peer was last heard. */
    readonly silentFor: number;
    /** How long it was open. */
    readonly connectedFor: number;
  } & Remote);

/** What a client says; `server` is its `host:port` as the user gave it. */
export type KeepaliveClientEvent =
  | KeepaliveConnectionEvent<KeepaliveServerName>
  /** This process did not run for `by` ms; all deadlines were moved by as much. */
  | { readonly type: "stalled"; readonly by: number };

/** What a server says; `client` is its `host:port`. */
export type KeepaliveServerEvent =
  | KeepaliveConnectionEvent<KeepaliveClientName>
  /** This process did not run for `by` ms; all deadlines were moved by as much. */
  | { readonly type: "stalled"; readonly by: number }
  /** The socket listens. */
  | {
    readonly type: "listening";
    readonly hostname: string;
    readonly port: number;
    readonly transport: "tcp";
    /** After how long a silent peer is declared dead. */
    readonly detection: number;
  }
  /** `count` connections were not taken since the last such event, the last one from `client`. */
  | {
    readonly type: "rejected";
    readonly client: string;
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
export type KeepaliveReport<Remote extends KeepaliveRemote = KeepaliveRemote> = Remote & {
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
};

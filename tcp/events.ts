/**
 * What TCP heartbeat servers and clients tell their users.
 *
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";
import type { ReceptionReport } from "../core/reception_statistics.ts";
import type { Arrival } from "../core/sequence_window.ts";

/**
 * `waiting`: connected and never heard. `up`: heard within the timeout. `down`: it was not. `disconnected`: it was
 * heard, its connection is over, and no other client of its host has been heard since in its place.
 */
export type TcpClientState = "waiting" | "up" | "down" | "disconnected";

/** Why a server closes a connection that broke a rule, or does not take it at all. */
export type TcpRejection = "malformed" | "too-long" | "not-reading" | "too-many-clients";

/**
 * How a client was lost. `end`: it closed its side. `reset`: it, or something between, dropped the
 * connection. `closed`: the server closed it, as the `rejected` before says. `silent`: the server
 * closed it after `closeAfter` of silence. Anything else is the code of the failure.
 */
export type TcpDisconnectReason = "end" | "reset" | "closed" | "silent" | ErrorCode;

/** Lengths of time are milliseconds, wall-clock times ms since 1970; `client` is `host:port`. */
export type TcpServerEvent =
  /** The socket listens. */
  | {
    readonly type: "listening";
    readonly hostname: string;
    readonly port: number;
    readonly transport: "tcp";
  }
  /** A client connected and is watched from now on. */
  | {
    readonly type: "connected";
    readonly client: string;
    readonly hostname: string;
    readonly port: number;
  }
  /** A connected client was heard for the first time. */
  | { readonly type: "up"; readonly client: string }
  /** A valid heartbeat; only with the option `emitBeats`. */
  | {
    readonly type: "beat";
    readonly client: string;
    readonly sequence: number;
    /** On the client's clock. */
    readonly sentAt: number;
    /** On ours. */
    readonly receivedAt: number;
    /** The difference of the two, clock offset and all. */
    readonly transit: number;
    /** What it took beyond the fastest recent heartbeat, whatever the clocks say. */
    readonly delay: number;
    readonly arrival: Arrival;
    /** The network held it back, so that it says little about the present. */
    readonly late: boolean;
    /** The message as it was received, with its full stop and space. */
    readonly text: string;
  }
  /** `count` numbers from `from` to `to` were skipped. */
  | ({ readonly type: "missed"; readonly client: string } & NumberRun)
  /** `count` heartbeats with numbers from `from` to `to` came again. */
  | ({ readonly type: "duplicated"; readonly client: string } & NumberRun)
  /** The client's numbers fell from `from` back to `to`: it restarted (`count` times). */
  | ({ readonly type: "restarted"; readonly client: string } & NumberRun)
  /** A lump of heartbeats that the network had held back, the longest for `delay`. */
  | ({ readonly type: "late"; readonly client: string; readonly delay: number } & NumberRun)
  /** The timeout passed without a heartbeat; said once until the client recovers. */
  | {
    readonly type: "down";
    readonly client: string;
    readonly timeout: number;
    readonly silentFor: number;
  }
  /** A client that was down is heard again. */
  | {
    readonly type: "recovered";
    readonly client: string;
    /** Since the `down` event. */
    readonly downFor: number;
    /** Since the last heartbeat before it, or since it connected. */
    readonly silentFor: number;
  }
  /** A client is heard again though its times speak against it: its clock is of no use. Said once a connection. */
  | { readonly type: "clock-unusable"; readonly client: string }
  /**
   * A connection broke a rule and is closed: `disconnected` follows. With `too-many-clients` it was
   * never taken, nothing follows, and `count` of them are reported together, the last one `client`.
   */
  | {
    readonly type: "rejected";
    readonly client: string;
    readonly reason: TcpRejection;
    readonly count: number;
  }
  /** A connection is gone. */
  | {
    readonly type: "disconnected";
    readonly client: string;
    readonly reason: TcpDisconnectReason;
    /** How long it was open. */
    readonly connectedFor: number;
  }
  /** This process did not run for `by` ms; all deadlines were moved by as much. */
  | { readonly type: "stalled"; readonly by: number }
  /** `count` connections could not be accepted since the last such event; the server goes on. */
  | {
    readonly type: "accept-failed";
    readonly code: ErrorCode;
    readonly message: string;
    readonly count: number;
  };

/** A range of sequence numbers, both ends in it, and how many heartbeats in it are meant. */
export interface NumberRun {
  /** The first number. */
  readonly from: number;
  /** The last number. */
  readonly to: number;
  /** How many; below `to - from + 1` where several runs are reported as one. */
  readonly count: number;
}

/** Everything known about one client at one moment. */
export interface TcpClientReport {
  /** Its address as `host:port`. */
  readonly client: string;
  /** Whether it is heard. */
  readonly state: TcpClientState;
  /** The number of its last heartbeat; 0 if it sent none. */
  readonly sequence: number;
  /** Numbers that were skipped and have not come since. */
  readonly missed: number;
  /** Heartbeats that came again. */
  readonly duplicates: number;
  /** How often its numbers began anew. */
  readonly restarts: number;
  /** Heartbeats that the network held back. */
  readonly late: number;
  /** Milliseconds since it was last heard, or since it connected. */
  readonly silentFor: number;
  /** How often it went down since it connected. */
  readonly downCount: number;
  /** Milliseconds since it connected, or for how long it was. */
  readonly connectedFor: number;
  /** Loss, jitter, delay and clock offset. */
  readonly reception: ReceptionReport;
}

/**
 * How a client's connection was lost. `end`: the server closed it. `reset`: the server, or something
 * between, dropped it. `ack-timeout`: abandoned, because nothing was confirmed for `ackTimeout`.
 * `not-reading`: given up, because the server takes no bytes. `malformed`: what came is no ack.
 * Anything else is the code of the failure.
 */
export type TcpLossReason =
  | "end"
  | "reset"
  | "ack-timeout"
  | "not-reading"
  | "malformed"
  | ErrorCode;

/** Lengths of time are milliseconds; `server` is `host:port` as the user gave it. */
export type TcpClientEvent =
  /** A connection is attempted; attempts count from 1 and start over after a good connection. */
  | { readonly type: "connecting"; readonly server: string; readonly attempt: number }
  /** The connection is open. */
  | { readonly type: "connected"; readonly server: string; readonly local: string }
  /** The connection was not opened; the next attempt follows in `retryIn`. */
  | {
    readonly type: "connect-failed";
    readonly server: string;
    readonly code: ErrorCode;
    readonly message: string;
    readonly retryIn: number;
  }
  /** A heartbeat was sent. */
  | {
    readonly type: "sent";
    readonly sequence: number;
    /** Ms since 1970. */
    readonly sentAt: number;
    /** The message as it was sent, with its full stop and space. */
    readonly text: string;
  }
  /** This process was stopped over the times of `count` heartbeats; they are not sent afterwards. */
  | { readonly type: "skipped"; readonly count: number }
  /** The server confirmed a heartbeat; it may have been reported as unconfirmed before. */
  | { readonly type: "acked"; readonly sequence: number; readonly rtt: number }
  /** Heartbeats that the server did not confirm in time or before the connection was lost. */
  | ({ readonly type: "unconfirmed" } & NumberRun)
  /** The connection is gone; the next attempt follows in `retryIn`, or none if it is undefined. */
  | {
    readonly type: "disconnected";
    readonly server: string;
    readonly reason: TcpLossReason;
    readonly retryIn: number | undefined;
  }
  /** This process did not run for `by` ms; deadlines of acks were moved by as much. Only with acks. */
  | { readonly type: "stalled"; readonly by: number }
  /** As many heartbeats as asked for were sent: `acked` of them were confirmed. The last event. */
  | { readonly type: "done"; readonly sent: number; readonly acked: number }
  /** The connection was refused or lost and there is no second try. The last event. */
  | { readonly type: "failed"; readonly code: ErrorCode; readonly message: string };

/**
 * What UDP heartbeat servers and clients tell their users.
 *
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";
import type { ReceptionReport } from "../core/reception_statistics.ts";
import type { Arrival } from "../core/sequence_window.ts";
import type { HeartbeatFault } from "./message.ts";

/** `waiting`: registered and never heard. `up`: heard within its timeout. `down`: it was not. */
export type ClientState = "waiting" | "up" | "down";

/** Why a datagram was ignored. */
export type UdpRejection = HeartbeatFault | "unregistered" | "too-many-clients";

/** Lengths of time are milliseconds; `client` and `from` are `host:port`. */
export type UdpServerEvent =
  /** The socket is bound. */
  | {
    readonly type: "listening";
    readonly hostname: string;
    readonly port: number;
    readonly transport: "udp";
  }
  /** A client is watched from now on. */
  | { readonly type: "registered"; readonly client: string; readonly timeout: number }
  /** A waiting client was heard for the first time. */
  | { readonly type: "up"; readonly client: string }
  /** A valid heartbeat; only with the option `emitBeats`. `late`: the network had held it back. */
  | {
    readonly type: "beat";
    readonly client: string;
    readonly sequence: number;
    readonly delay: number;
    readonly arrival: Arrival;
    readonly late: boolean;
  }
  /** A client's timeout passed without a heartbeat; said once until it recovers. */
  | {
    readonly type: "down";
    readonly client: string;
    readonly timeout: number;
    readonly silentFor: number;
  }
  /** Several clients of one group went down together: one event for all of them. */
  | {
    readonly type: "group-down";
    readonly group: string;
    readonly clients: readonly string[];
    /** The longest silence among them. */
    readonly silentFor: number;
  }
  /** A client that was down is heard again. */
  | {
    readonly type: "recovered";
    readonly client: string;
    /** Since the `down` event. */
    readonly downFor: number;
    /** Since the last heartbeat before it. */
    readonly silentFor: number;
  }
  /** A client is heard again though its times speak against it: its clock is of no use. Said once. */
  | { readonly type: "clock-unusable"; readonly client: string }
  /** An automatically registered client was down so long that it is no longer watched. */
  | { readonly type: "forgotten"; readonly client: string }
  /** Datagrams were ignored: `count` since the last report of this reason, the last one `from`. */
  | {
    readonly type: "rejected";
    readonly reason: UdpRejection;
    readonly from: string;
    readonly count: number;
  }
  /** This process did not run for `by` ms; all deadlines were moved by as much. */
  | { readonly type: "stalled"; readonly by: number }
  /** Our own kernel threw `count` datagrams away because its buffer was full: our loss. */
  | { readonly type: "overflowed"; readonly count: number };

/** Everything known about one client at one moment. */
export interface UdpClientReport {
  /** Its address as `host:port`. */
  readonly client: string;
  /** Whether it is heard. */
  readonly state: ClientState;
  /** Its timeout without grace, in ms. */
  readonly timeout: number;
  /** The group it goes down with, if any. */
  readonly group: string | undefined;
  /** Milliseconds since it was last heard, or since it was registered. */
  readonly silentFor: number;
  /** How often it went down since this server watches it. */
  readonly downCount: number;
  /** Bursts of which at least one datagram arrived. */
  readonly bursts: number;
  /** Different datagrams per burst seen, of ten. */
  readonly datagramsPerBurst: number;
  /** Loss, duplicates, reordering, jitter and delay. */
  readonly reception: ReceptionReport;
}

/** Lengths of time are milliseconds. */
export type UdpClientEvent =
  /** The socket is bound and the schedule starts; `firstIn` is the random phase. */
  | {
    readonly type: "started";
    readonly local: string;
    readonly server: string;
    readonly interval: number;
    readonly firstIn: number;
  }
  /** A full heartbeat message was sent; bursts count from 1. */
  | { readonly type: "sent"; readonly burst: number; readonly datagrams: number }
  /** A datagram could not be sent; the rest of the burst is dropped and the next interval tried. */
  | {
    readonly type: "send-failed";
    readonly burst: number;
    readonly code: ErrorCode;
    readonly message: string;
  }
  /** This process was stopped over `bursts` whole intervals; they are not sent afterwards. */
  | { readonly type: "skipped"; readonly bursts: number }
  /** As many bursts as asked for were begun and the last one is complete. */
  | { readonly type: "done"; readonly bursts: number };

/**
 * What the proxy tells its user.
 *
 * @module
 */
import type { ErrorCode } from "../core/errors.ts";
import type { CutBy, Direction, Faults } from "./faults.ts";

/** A link: one TCP connection or one UDP client, as `tcp-1`, `udp-1`, counted from 1. */
export type LinkName = string;

/** What was done to bytes or datagrams. */
export type FaultName =
  | "refuse"
  | "silence"
  | "cut-fin"
  | "cut-reset"
  | "loss"
  | "duplicate"
  | "reorder"
  | "corrupt"
  | "overflow";

/**
 * One line of the fault log. It holds no time: the same seed, schedule and input give the same lines
 * for each link, byte for byte.
 */
export type FaultEvent =
  /** Something was done to a link as a whole. */
  | { readonly type: "fault"; readonly link: LinkName; readonly fault: "refuse" | "silence" }
  /**
   * Something was done in one direction; `at` is how many bytes (TCP) of it had come, or which
   * datagram (UDP) it was, counted from 1. An `overflow` is a datagram for which there was no room.
   */
  | {
    readonly type: "fault";
    readonly link: LinkName;
    readonly direction: Direction;
    readonly fault: Exclude<FaultName, "refuse" | "silence">;
    readonly at: number;
  }
  /** A step of the schedule began (`on`) or ended; `at` is its offset in ms from the start. */
  | { readonly type: "step"; readonly step: number; readonly at: number; readonly on: boolean }
  /** A step was left out: its probability decided so. */
  | { readonly type: "step-skipped"; readonly step: number; readonly at: number }
  /** Other faults are in force from here on. */
  | { readonly type: "changed"; readonly faults: Faults }
  /** Every link got a FIN or a reset, because somebody asked for it. */
  | { readonly type: "injected"; readonly by: CutBy; readonly direction?: Direction }
  /** Every link was dropped, and new ones are refused. */
  | { readonly type: "cut" }
  /** New links are taken again. */
  | { readonly type: "healed" };

/** Why a link ended: both sides ended it, one reset it, a fault did, or it was idle (UDP). */
export type CloseReason = "end" | "reset" | "fault" | "idle";

/** An event of the proxy. */
export type ProxyEvent =
  | FaultEvent
  /** Clients can come; said again when a port that was closed to refuse them is open again. */
  | {
    readonly type: "listening";
    readonly hostname: string;
    readonly port: number;
    readonly transport: "tcp" | "udp";
  }
  /** A client came, and the server was reached. */
  | { readonly type: "connected"; readonly link: LinkName; readonly client: string }
  /** A link is gone; how many bytes (TCP) or datagrams (UDP) came from each side. */
  | {
    readonly type: "disconnected";
    readonly link: LinkName;
    readonly reason: CloseReason;
    readonly up: number;
    readonly down: number;
  }
  /** The server could not be reached; the client of this link was reset, or heard nothing (UDP). */
  | {
    readonly type: "unreachable";
    readonly link: LinkName;
    readonly code: ErrorCode;
    readonly message: string;
  }
  /** As many links as allowed are open: `count` clients were turned away since the last report. */
  | { readonly type: "too-many-links"; readonly count: number }
  /** A connection could not be accepted, or the port not be listened on again. */
  | { readonly type: "accept-failed"; readonly code: ErrorCode; readonly message: string };

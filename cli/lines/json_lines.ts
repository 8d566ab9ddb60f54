/**
 * What each command may print with `--json`, beside `time`, `level` and `event`, which stands for
 * `type` here. From these types come docs/JSON.md and docs/json.schema.json.
 *
 * @module
 */
import type { ErrorCode } from "../../core/errors.ts";
import type { DroppedEvent } from "../../core/event_queue.ts";
import type { ReceptionReport } from "../../core/reception_statistics.ts";
import type { HandshakeClientEvent, HandshakeServerEvent } from "../../handshake/events.ts";
import type { KeepaliveClientEvent, KeepaliveServerEvent } from "../../keepalive/events.ts";
import type { ProxyEvent } from "../../proxy/events.ts";
import type { SequenceClientEvent, SequenceServerEvent } from "../../sequence/events.ts";
import type { TcpClientEvent, TcpServerEvent } from "../../tcp/events.ts";
import type { UdpClientEvent, UdpServerEvent } from "../../udp/events.ts";
import type { UdpForecast } from "../../udp/plan.ts";

/** The lines of each command by its name. */
export interface JsonLines {
  "udp-server": UdpServerEvent | UdpServerLine | ServingLine | CommonLine;
  "udp-client": UdpClientEvent | CommonLine;
  "tcp-server": TcpServerEvent | TcpServerLine | ServingLine | CommonLine;
  "tcp-client": TcpClientEvent | CommonLine;
  "handshake-server": HandshakeServerEvent | ServingLine | CommonLine;
  "handshake-client": HandshakeClientEvent | HandshakeClientLine | CommonLine;
  "keepalive-server": KeepaliveServerEvent | ServingLine | CommonLine;
  "keepalive-client": KeepaliveClientEvent | KeepaliveClientLine | CommonLine;
  "seq-server": SequenceServerEvent | SequenceServerLine | ServingLine | CommonLine;
  "seq-client": SequenceClientEvent | SequenceClientLine | CommonLine;
  "seq-proxy": ProxyEvent | ProxyLine | ServingLine | CommonLine;
  "plan": PlanLine | CommonLine;
  "demo": DemoLine | CommonLine;
}

/** A line of any command. */
export type JsonLine = JsonLines[keyof JsonLines];

/** What `udp-server` says besides its events. */
export type UdpServerLine =
  /** With `--state`: the file could not be written; it is tried again. */
  | { readonly type: "state-not-saved"; readonly message: string }
  /** Behind `listening`: no client is given, no sender is registered, and so nothing will be noticed. */
  | { readonly type: "watching-nobody" };

/** What `tcp-server` says besides its events. */
export type TcpServerLine =
  /** Level `debug`, behind each `beat`: how long it took, clock offset and all. */
  {
    readonly type: "transit";
    readonly client: string;
    readonly sequence: number;
    readonly transit: number;
  };

/** What `handshake-client` says besides its events, and what it adds to them. */
export type HandshakeClientLine =
  | (
    & Extract<HandshakeClientEvent, { type: "established" | "error" | "failure" }>
    & { readonly timestamp: string }
  )
  /** Level `debug`, behind each `error`: what went wrong, in words. */
  | { readonly type: "fault"; readonly try: number; readonly message: string }
  /** An id that was typed or read from standard input is none. */
  | { readonly type: "wrong-id"; readonly message: string };

/** What `keepalive-client` adds to its events. */
export type KeepaliveClientLine =
  & Extract<KeepaliveClientEvent, { type: "connected" }>
  & { readonly detection: number };

/** What `seq-server` says besides its events. */
export type SequenceServerLine =
  /** Where sessions are kept, without a password. */
  { readonly type: "store"; readonly store: string };

/** What `seq-client` says besides its events. */
export type SequenceClientLine =
  /** Level `debug`: a number arrived, the `index`th from 0. */
  { readonly type: "number"; readonly index: number; readonly value: number };

/** What `seq-proxy` says besides its events. */
export type ProxyLine =
  /** Given as `--seed`, it makes the same faults again. */
  | { readonly type: "seed"; readonly seed: number }
  /** Which key does what, unless `--no-keys` is given. */
  | { readonly type: "keys"; readonly keys: Readonly<Record<string, string>> };

/** What `plan` says. */
export type PlanLine =
  /** With `--timeout`: what is to be expected of it. */
  | ({ readonly type: "forecast" } & UdpForecast)
  /** The shortest timeout that is good enough, and what is to be expected of it. */
  | ({ readonly type: "shortest" } & UdpForecast)
  /** No timeout is good enough. */
  | { readonly type: "none" };

/** What `demo` says. */
export type DemoLine =
  /** It begins. */
  | { readonly type: "starting" }
  /** A client as the server sees it. */
  | {
    readonly type: "client";
    readonly name: string;
    readonly state: string;
    /** Silence as a share of the timeout: 1 is the alarm. */
    readonly suspicion: number;
    readonly reception: ReceptionReport;
  }
  /** A client is broken or repaired on purpose. */
  | { readonly type: "injected"; readonly client: string; readonly what: string }
  /** A client was noticed as lost, or as back. */
  | { readonly type: "lost" | "back"; readonly client: string }
  /** What happens to the keepalive client, or to the sequence. */
  | { readonly type: "keepalive" | "sequence"; readonly text: string }
  /** A HELLO and what was said to it. */
  | {
    readonly type: "lease";
    readonly id: string;
    readonly transport: "udp" | "tcp";
    readonly what: string;
    readonly said: string;
    /** Whether that is right. */
    readonly good: boolean;
  }
  /** What the lossy path did. */
  | { readonly type: "path"; readonly lost: number; readonly passed: number }
  /** How something that was broken ended; `after` is absent if nobody noticed. */
  | {
    readonly type: "outcome";
    readonly client: string;
    readonly what: string;
    readonly after: number | undefined;
  }
  /** How the sequence ended. */
  | {
    readonly type: "numbers";
    readonly length: number;
    /** Numbers that arrived. */
    readonly received: number;
    /** How often its connection was cut. */
    readonly cuts: number;
  }
  /** A client was reported lost or back although nothing was done to it. */
  | { readonly type: "false-alarm"; readonly text: string }
  /** The user stopped it before its end. */
  | { readonly type: "stopped" }
  /** The end. */
  | {
    readonly type: "summary";
    readonly injected: number;
    readonly noticed: number;
    readonly falseAlarms: number;
    /** Whether all ids were leased as they must be. */
    readonly leased: boolean;
    /** Numbers of the sequence that did not arrive. */
    readonly lost: number;
  };

/** What every command that serves may say besides. */
export type ServingLine =
  /** With `--metrics`: where the metrics are. */
  { readonly type: "metrics"; readonly url: string };

/** What every command may say. */
export type CommonLine =
  /** The command could not do its job; it exits with 1, or with 2 if the code is `invalid-option`. */
  | { readonly type: "failed"; readonly code: ErrorCode; readonly message: string }
  /** `count` events came faster than they could be written and are missing above this line. */
  | DroppedEvent;

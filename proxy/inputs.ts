/**
 * What the proxy machine is told of links and sockets, and what it asks of them.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type { AcceptFailedInput } from "../core/connection.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { ProxyTransport } from "./effects.ts";
import type { LinkName, ProxyEvent } from "./events.ts";
import type { CutBy, Direction, Faults } from "./faults.ts";

/** What the machine cannot know by itself. */
export interface ProxyEnvironment {
  /** Where all chances come from: a whole number in 0..2^32-1. */
  readonly seed: number;
  /** What it carries; faults that are not of it are refused. @default "both" */
  readonly transport?: ProxyTransport;
}

/** What the machine is told. */
export type ProxyInput =
  /** Sockets are there: the schedule starts. */
  | { readonly type: "started" }
  /** TCP: a client connected; the link's name was not used before. */
  | { readonly type: "connected"; readonly link: LinkName; readonly client: Address }
  /** The way to the server of a link is open. */
  | { readonly type: "reached"; readonly link: LinkName }
  /** There is no way to the server of a link. */
  | {
    readonly type: "unreachable";
    readonly link: LinkName;
    readonly code: ErrorCode;
    readonly message: string;
  }
  /** TCP: bytes came from the source of a direction. */
  | {
    readonly type: "data";
    readonly link: LinkName;
    readonly direction: Direction;
    readonly bytes: Uint8Array;
  }
  /** TCP: the receiver of a direction took so many bytes of what was written. */
  | {
    readonly type: "written";
    readonly link: LinkName;
    readonly direction: Direction;
    readonly length: number;
  }
  /** TCP: the source of a direction ended it, or reset the connection. */
  | {
    readonly type: "ended";
    readonly link: LinkName;
    readonly direction: Direction;
    readonly reason: "end" | "reset";
  }
  /** TCP: the receiver of a direction takes nothing any more. */
  | { readonly type: "broken"; readonly link: LinkName; readonly direction: Direction }
  /** UDP: a client sent a datagram. */
  | { readonly type: "datagram"; readonly from: Address; readonly bytes: Uint8Array }
  /** UDP: the server sent a datagram to the client of a link. */
  | { readonly type: "answer"; readonly link: LinkName; readonly bytes: Uint8Array }
  /** Other faults, in place of those given before; a schedule's lie over them. */
  | { readonly type: "set"; readonly faults: Faults }
  /** Every link ends in one direction or both, or is reset. */
  | { readonly type: "inject"; readonly by: CutBy; readonly direction?: Direction }
  /** Every link is dropped and no new one taken, until `heal`. */
  | { readonly type: "cut" }
  | { readonly type: "heal" }
  | AcceptFailedInput
  /** The port could not be listened on again. */
  | { readonly type: "listen-failed"; readonly code: ErrorCode; readonly message: string };

/** What its sockets are to do. */
export type ProxyAction =
  /** TCP: take new connections, or refuse them by not listening. */
  | { readonly type: "listen" }
  | { readonly type: "unlisten" }
  /** Open the way to the server of a link. */
  | { readonly type: "connect"; readonly link: LinkName }
  /** TCP: read from the client of a link though there is no server. */
  | { readonly type: "swallow"; readonly link: LinkName }
  /** TCP: send bytes to the receiver of a direction. */
  | {
    readonly type: "write";
    readonly link: LinkName;
    readonly direction: Direction;
    readonly bytes: Uint8Array;
  }
  /** TCP: send a FIN behind them. */
  | { readonly type: "end"; readonly link: LinkName; readonly direction: Direction }
  /** TCP: go on reading from the source of a direction. */
  | { readonly type: "resume"; readonly link: LinkName; readonly direction: Direction }
  /** TCP: reset both connections of a link; with `flush` when what was written is out. */
  | { readonly type: "reset"; readonly link: LinkName; readonly flush: boolean }
  /** Close a link when what was written is out. */
  | { readonly type: "close"; readonly link: LinkName }
  /** UDP: send a datagram to the receiver of a direction, the server or this client. */
  | {
    readonly type: "send";
    readonly link: LinkName;
    readonly direction: Direction;
    readonly client: Address;
    readonly bytes: Uint8Array;
  };

/** An action or an event. */
export type ProxyOutput = ProxyAction | ProxyEvent;

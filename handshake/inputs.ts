/**
 * What the machines of handshakes are told and ask for, beside their events.
 *
 * @module
 */
import type { Address } from "../core/address.ts";
import type {
  AcceptFailedInput,
  ConnectFailedInput,
  ConnectionInput,
  ConnectionOutput,
  ConnectOutput,
} from "../core/connection.ts";
import type { ErrorCode, HeartlineError } from "../core/errors.ts";
import type { Random } from "../core/machine.ts";
import type { HandshakeClientEvent, HandshakeFault, HandshakeServerEvent } from "./events.ts";

/** What a server machine cannot know by itself. */
export interface HandshakeServerEnvironment {
  /** A whole number that clients cannot know, so that none can choose ids that slow it down. @default 0 */
  readonly seed?: number;
}

/** What a server machine is told of datagrams. */
export type HandshakeDatagramInput =
  /** A datagram arrived. */
  | { readonly type: "datagram"; readonly bytes: Uint8Array; readonly from: Address }
  /** A reply could not be sent. */
  | {
    readonly type: "send-failed";
    readonly to: string;
    readonly code: ErrorCode;
    readonly message: string;
  }
  /** A reply was not sent because too many wait for the socket. */
  | { readonly type: "overloaded"; readonly from: Address };

/** What a server machine is told; a connection's number is 1 or more. */
export type HandshakeServerInput = ConnectionInput | AcceptFailedInput | HandshakeDatagramInput;

/** What a server machine asks for, or says; the bytes of a `reply` never change and may be sent without a copy. */
export type HandshakeServerOutput =
  | ConnectionOutput
  | { readonly type: "reply"; readonly to: Address; readonly bytes: Uint8Array }
  | HandshakeServerEvent;

/** What a client machine cannot know by itself. */
export interface HandshakeClientEnvironment {
  /** The server as `host:port`, for events. */
  readonly server: string;
  /** Draws the jitter of repetitions. */
  readonly random: Random;
}

/** What a client machine is told beside what happens to connections; `connection` is the try's number. */
export type HandshakeTryInput =
  /** A datagram came from the server. */
  | { readonly type: "datagram"; readonly connection: number; readonly bytes: Uint8Array }
  /** A datagram came from somebody else. */
  | { readonly type: "stranger"; readonly connection: number }
  /** A HELLO could not be sent. */
  | { readonly type: "send-failed"; readonly connection: number; readonly error: HeartlineError }
  /** The answer to `ask-id`; `undefined` if there is no further id. */
  | { readonly type: "next-id"; readonly id: string | undefined };

/** What a client machine is told: a try is a connection, also over UDP, where it is a socket of its own. */
export type HandshakeClientInput = ConnectionInput | ConnectFailedInput | HandshakeTryInput;

/** What a client machine asks for, or says. */
export type HandshakeClientOutput =
  | ConnectionOutput
  | ConnectOutput
  | FailedTry & { readonly type: "ask-id" }
  | HandshakeClientEvent;

/** The try that failed when another id is asked for. */
export interface FailedTry {
  /** Its number, counted from 1. */
  readonly try: number;
  /** The id it asked for. */
  readonly id: string;
  /** Why it failed. */
  readonly reason: HandshakeFault;
}

/**
 * What the machines of TCP heartbeats are told and ask for, beside their events.
 *
 * @module
 */
import type {
  AcceptFailedInput,
  ConnectFailedInput,
  ConnectionInput,
  ConnectionOutput,
  ConnectOutput,
} from "../core/connection.ts";
import type { Instant, Random } from "../core/machine.ts";
import type { TcpClientEvent, TcpServerEvent } from "./events.ts";

/** What a server machine cannot know by itself. */
export interface TcpServerEnvironment {
  /** Milliseconds since 1970 at an instant: heartbeats carry the sender's. */
  readonly wall: (now: Instant) => number;
}

/** What a server machine is told. */
export type TcpServerInput = ConnectionInput | AcceptFailedInput;

/** What a server machine asks for, or says. */
export type TcpServerOutput = ConnectionOutput | TcpServerEvent;

/** What a client machine cannot know by itself. */
export interface TcpClientEnvironment {
  /** The server as `host:port`, for events. */
  readonly server: string;
  /** Draws the waits between attempts. */
  readonly random: Random;
  /** Milliseconds since 1970 at an instant, for the wire. */
  readonly wall: (now: Instant) => number;
}

/** What a client machine is told; `connection` is the number its `connect` carried. */
export type TcpClientInput = ConnectionInput | ConnectFailedInput;

/** What a client machine asks for, or says. */
export type TcpClientOutput = ConnectionOutput | ConnectOutput | TcpClientEvent;

/**
 * What the machines of keepalive connections are told and ask for, beside their events.
 *
 * @module
 */
import type { AcceptFailedInput, ConnectionInput, ConnectionOutput } from "../core/connection.ts";
import type {
  KeepaliveClientName,
  KeepaliveConnectionEvent,
  KeepaliveRemote,
  KeepaliveServerEvent,
} from "./events.ts";

/** What the application asks of a connection. */
export type KeepaliveRequest =
  /** It sends DATA; ask `refusal` first. */
  | { readonly type: "send"; readonly connection: number; readonly payload: string }
  /** It answers DATA of the peer. */
  | {
    readonly type: "reply";
    readonly connection: number;
    readonly id: number;
    readonly payload: string;
  }
  /** It threw where it was to answer. */
  | { readonly type: "user-code"; readonly connection: number; readonly message: string };

/** What the machine of a connection is told. */
export type KeepaliveInput =
  | ConnectionInput
  | KeepaliveRequest
  /** The application stops: the peer is told. */
  | { readonly type: "stop" };

/** What the machine of a connection asks for, or says. */
export type KeepaliveOutput<Remote extends KeepaliveRemote = KeepaliveRemote> =
  | ConnectionOutput
  | KeepaliveConnectionEvent<Remote>
  | { readonly type: "stalled"; readonly by: number };

/** What a server machine is told; `stop` is for all of its clients. */
export type KeepaliveServerInput = KeepaliveInput | AcceptFailedInput;

/** What a server machine asks for, or says. */
export type KeepaliveServerOutput =
  | KeepaliveOutput<KeepaliveClientName>
  | KeepaliveServerEvent;

/** What the machine of a connection cannot know by itself. */
export interface KeepaliveEnvironment<Remote extends KeepaliveRemote = KeepaliveRemote> {
  /** The number its outputs carry. */
  readonly connection: number;
  /** What its events and its report say of the other side. */
  readonly remote: Remote;
}

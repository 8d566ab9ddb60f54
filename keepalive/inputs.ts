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

/** What happens to a connection beside what happens to all. */
export type KeepaliveConnectionInput =
  /** Bytes arrived that cannot be taken yet, and nothing more is read; the next `data` brings them. */
  | { readonly type: "held"; readonly connection: number }
  /** What is sent goes nowhere any more; `ended` comes behind what the peer sent before. */
  | { readonly type: "write-failed"; readonly connection: number };

/** What the machine of a connection is told. */
export type KeepaliveInput =
  | ConnectionInput
  | KeepaliveRequest
  | KeepaliveConnectionInput
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

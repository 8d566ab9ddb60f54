/**
 * What a TCP client is to its server, and to itself.
 *
 * @module
 */
import type { StateTable } from "../core/states.ts";
import type { TcpClientState } from "./events.ts";

/** The ways between the states of a watched connection. */
export const TCP_WATCHED_STATES: StateTable<TcpClientState> = {
  waiting: { up: "heard", down: "the timeout is over" },
  up: { down: "the timeout is over", disconnected: "its connection is over" },
  down: { up: "heard, and not held back", disconnected: "its connection is over" },
  disconnected: {},
};

/** What a client is doing. */
export type TcpSendingState = "waiting" | "connecting" | "open" | "over";

/** The ways between the states of a client. */
export const TCP_CLIENT_STATES: StateTable<TcpSendingState> = {
  waiting: { connecting: "the wait is over" },
  connecting: {
    open: "connected",
    waiting: "refused, or too late",
    over: "refused, and asking again is of no use",
  },
  open: { waiting: "lost", over: "all is sent, or lost without reconnection" },
  over: {},
};

/** The tables as docs/PROTOCOLS.md shows them, each by what it is of. */
export const DIAGRAMS = {
  "a TCP client, as its server sees it": TCP_WATCHED_STATES,
  "a TCP client": TCP_CLIENT_STATES,
};

/**
 * What a handshake client is doing.
 *
 * @module
 */
import type { StateTable } from "../core/states.ts";

/** What a client is doing. */
export type HandshakeState = "ready" | "opening" | "waiting" | "asking" | "over";

/** The ways between the states of a client. */
export const HANDSHAKE_CLIENT_STATES: StateTable<HandshakeState> = {
  ready: { opening: "begin" },
  opening: {
    waiting: "the socket is open, HELLO is sent",
    asking: "no socket in time, and a try is left",
    over: "no socket in time on the last try",
  },
  waiting: {
    asking: "RESET or no reply in time, and a try is left",
    over: "OK, or the last try failed",
  },
  asking: { opening: "the user has a next id", over: "the user has none" },
  over: {},
};

/** The tables as docs/PROTOCOLS.md shows them, each by what it is of. */
export const DIAGRAMS = {
  "a handshake client": HANDSHAKE_CLIENT_STATES,
};

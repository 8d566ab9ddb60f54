/**
 * What a UDP client is to its server.
 *
 * @module
 */
import type { StateTable } from "../core/states.ts";
import type { ClientState } from "./events.ts";

/** The ways between the states of a watched client. */
export const UDP_CLIENT_STATES: StateTable<ClientState> = {
  waiting: { up: "heard", down: "timeout and grace are over" },
  up: { down: "timeout and grace are over" },
  down: { up: "heard, and not held back" },
};

/** The tables as docs/PROTOCOLS.md shows them, each by what it is of. */
export const DIAGRAMS = {
  "a UDP client, as its server sees it": UDP_CLIENT_STATES,
};

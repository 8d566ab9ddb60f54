/**
 * What a client of a sequence is doing, and how far a connection is at the server.
 *
 * @module
 */
import type { StateTable } from "../core/states.ts";

/** What a client is doing. */
export type SequenceClientState =
  | "waiting"
  | "connecting"
  | "greeting"
  | "streaming"
  | "finishing"
  | "ended";

/** The ways between the states of a client. */
export const SEQUENCE_CLIENT_STATES: StateTable<SequenceClientState> = {
  waiting: { connecting: "the wait is over", ended: "the saved sequence is complete" },
  connecting: {
    greeting: "connected: HELLO or RESUME",
    waiting: "refused, or too late",
    ended: "as waiting, and just the end was to be told",
  },
  greeting: {
    streaming: "WELCOME or RESUMED",
    waiting: "lost, silent, or REJECTED for now",
    ended: "REJECTED for good, or as connecting",
  },
  streaming: {
    finishing: "FIN, all taken, checksums equal: FIN-ACK",
    waiting: "lost, silent, a gap, or GOAWAY",
    ended: "REPLACED, checksums differ, or as connecting",
  },
  finishing: { ended: "the server closed, or did not in time" },
  ended: {},
};

/** How far a connection is: `open` has a session, or had one. */
export type SequenceConnectionState = "new" | "asked" | "open";

/** The ways between the states of a connection; any of them may be its last. */
export const SEQUENCE_CONNECTION_STATES: StateTable<SequenceConnectionState> = {
  new: { asked: "HELLO or RESUME: the store is asked" },
  asked: { open: "the store agreed: WELCOME or RESUMED" },
  open: {},
};

/** The tables as docs/PROTOCOLS.md shows them, each by what it is of. */
export const DIAGRAMS = {
  "a client of a sequence": SEQUENCE_CLIENT_STATES,
  "a connection of a sequence, at the server": SEQUENCE_CONNECTION_STATES,
};

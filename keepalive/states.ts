/**
 * The phases of a keepalive connection, which are those of the seed.
 *
 * @module
 */
import type { StateTable } from "../core/states.ts";
import type { KeepalivePhase } from "./events.ts";

/** The ways between the phases. */
export const KEEPALIVE_PHASES: StateTable<KeepalivePhase | "over"> = {
  data: {
    heartbeat: "nothing was heard for data_threshold",
    over: "closed, lost, malformed, or it does not read",
  },
  heartbeat: {
    data: "DATA or REPLY is heard",
    over: "all tries are missed, or as from data",
  },
  over: {},
};

/** The tables as docs/PROTOCOLS.md shows them, each by what it is of. */
export const DIAGRAMS = {
  "a keepalive connection": KEEPALIVE_PHASES,
};

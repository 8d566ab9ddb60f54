/**
 * The state diagrams of docs/PROTOCOLS.md, drawn from the tables that the machines obey.
 *
 * @module
 */
import type { StateTable } from "../core/states.ts";
import { HANDSHAKE_CLIENT_STATES } from "../handshake/states.ts";
import { KEEPALIVE_PHASES } from "../keepalive/states.ts";
import { SEQUENCE_CLIENT_STATES, SEQUENCE_CONNECTION_STATES } from "../sequence/states.ts";
import { TCP_CLIENT_STATES, TCP_WATCHED_STATES } from "../tcp/states.ts";
import { UDP_CLIENT_STATES } from "../udp/states.ts";

/** Each table by the name under which the document asks for it. */
const TABLES: Readonly<Record<string, StateTable<string>>> = {
  "a UDP client, as its server sees it": UDP_CLIENT_STATES,
  "a TCP client, as its server sees it": TCP_WATCHED_STATES,
  "a TCP client": TCP_CLIENT_STATES,
  "a handshake client": HANDSHAKE_CLIENT_STATES,
  "a keepalive connection": KEEPALIVE_PHASES,
  "a client of a sequence": SEQUENCE_CLIENT_STATES,
  "a connection of a sequence, at the server": SEQUENCE_CONNECTION_STATES,
};

/** Each diagram by the name under which the document asks for it. */
export function diagrams(): ReadonlyMap<string, string> {
  return new Map(Object.entries(TABLES).map(([name, table]) => [name, diagramOf(table)]));
}

/** A table as a Mermaid diagram; the first state is where it begins. */
export function diagramOf(table: StateTable<string>): string {
  const states = Object.keys(table);
  const ways = states.flatMap((from) =>
    Object.entries(table[from]!).map(([to, why]) => `    ${from} --> ${to}: ${why}`)
  );
  const last = states.filter((state) => Object.keys(table[state]!).length === 0);
  const ends = last.map((state) => `    ${state} --> [*]`);
  return ["```mermaid", "stateDiagram-v2", `    [*] --> ${states[0]}`, ...ways, ...ends, "```"]
    .join("\n");
}

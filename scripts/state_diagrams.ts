/**
 * Draws the state diagrams of docs/PROTOCOLS.md from the tables that the machines obey. Without
 * `--write` it only says whether they are up to date.
 *
 * This file knows the document and the form of a diagram. It does not know any state.
 *
 * @module
 */
import type { StateTable } from "../core/states.ts";
import { HANDSHAKE_CLIENT_STATES } from "../handshake/states.ts";
import { KEEPALIVE_PHASES } from "../keepalive/states.ts";
import { SEQUENCE_CLIENT_STATES, SEQUENCE_CONNECTION_STATES } from "../sequence/states.ts";
import { TCP_CLIENT_STATES, TCP_WATCHED_STATES } from "../tcp/states.ts";
import { UDP_CLIENT_STATES } from "../udp/states.ts";
import { report, ROOT } from "./_tree.ts";

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

const DOCUMENT = "docs/PROTOCOLS.md";
/** What the document says around a diagram. */
const PLACE = /<!-- states of (.+?) -->\n[^]*?<!-- end of states -->/g;

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

/** The document with every diagram drawn anew. */
export function withDiagrams(
  text: string,
  tables: Readonly<Record<string, StateTable<string>>>,
): string {
  return text.replace(PLACE, (_, name: string) => {
    const table = tables[name];
    if (!table) throw new Error(`No table of states is called "${name}"`);
    return `<!-- states of ${name} -->\n${diagramOf(table)}\n<!-- end of states -->`;
  });
}

if (import.meta.main) {
  const url = new URL(DOCUMENT, ROOT);
  const text = await Deno.readTextFile(url);
  const drawn = withDiagrams(text, TABLES);
  if (Deno.args.includes("--write")) await Deno.writeTextFile(url, drawn);
  else if (drawn !== text) {
    const message = "state diagrams are out of date: run scripts/state_diagrams.ts --write";
    report([{ path: DOCUMENT, line: 1, message }]);
  }
}

/**
 * The state diagrams of docs/PROTOCOLS.md, drawn from the tables that the machines obey.
 *
 * @module
 */
import type { StateTable } from "../core/states.ts";
import { PROTOCOLS } from "./_protocols.ts";

/** Each diagram by the name under which the document asks for it, from the `states.ts` of each protocol. */
export async function readDiagrams(): Promise<ReadonlyMap<string, string>> {
  const diagrams = new Map<string, string>();
  for (const protocol of PROTOCOLS) {
    // What the proxy does depends on its faults and its schedule alone.
    if (protocol === "proxy") continue;
    const { DIAGRAMS } = await import(`../${protocol}/states.ts`) as {
      DIAGRAMS: Readonly<Record<string, StateTable<string>>>;
    };
    for (const [name, table] of Object.entries(DIAGRAMS)) diagrams.set(name, diagramOf(table));
  }
  return diagrams;
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

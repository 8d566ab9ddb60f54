import { assertEquals, assertThrows } from "@std/assert";
import { diagramOf, withDiagrams } from "../../scripts/state_diagrams.ts";

const PURE = { permissions: "none" } as const;
const DOOR = { open: { shut: "pushed" }, shut: { open: "pulled", locked: "turned" }, locked: {} };
const DRAWN = [
  "```mermaid",
  "stateDiagram-v2",
  "    [*] --> open",
  "    open --> shut: pushed",
  "    shut --> open: pulled",
  "    shut --> locked: turned",
  "    locked --> [*]",
  "```",
].join("\n");

Deno.test("a table is drawn from its first state to those that nothing follows", PURE, () => {
  assertEquals(diagramOf(DOOR), DRAWN);
});

Deno.test("diagrams are drawn where the document asks for them, and nowhere else", PURE, () => {
  const place = (inside: string) =>
    `a\n<!-- states of a door -->\n${inside}<!-- end of states -->\nb`;
  assertEquals(withDiagrams(place("old\n"), { "a door": DOOR }), place(`${DRAWN}\n`));
  assertEquals(withDiagrams("nothing", {}), "nothing");
  assertThrows(() => withDiagrams(place(""), {}), Error, 'called "a door"');
});

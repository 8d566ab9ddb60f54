import { assertEquals } from "@std/assert";
import { diagramOf } from "../../scripts/_state_diagrams.ts";

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

import { assertEquals, assertThrows } from "@std/assert";
import { follow, type StateTable } from "../../core/states.ts";

const LAMP: StateTable<"off" | "on" | "broken"> = {
  off: { on: "switched" },
  on: { off: "switched", broken: "dropped" },
  broken: {},
};

Deno.test("a state changes along the ways of its table, and no other", {
  permissions: "none",
}, () => {
  assertEquals(follow(LAMP, "off", "on"), "on");
  assertEquals(follow(LAMP, "on", "broken"), "broken");
  for (const [from, to] of [["off", "broken"], ["broken", "on"], ["on", "on"]] as const) {
    assertThrows(() => follow(LAMP, from, to), Error, `No way leads from ${from} to ${to}`);
  }
});

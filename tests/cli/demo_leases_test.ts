import { assertEquals } from "@std/assert";
import { playLeases } from "../../cli/demo/leases.ts";

Deno.test("the demo's leases are granted, refused and granted again", {
  permissions: { net: ["127.0.0.1"] },
}, async () => {
  const shown: string[] = [];
  const scenes = await playLeases(({ said }) => shown.push(said.split(" ")[0]!));
  assertEquals(shown, ["OK", "RESET", "OK"]);
  assertEquals(scenes.every(({ good }) => good), true);
});

import { assert, assertEquals } from "@std/assert";
import { freezeKeepalivePeer } from "../../cli/demo/keepalive.ts";

Deno.test("the demo's frozen keepalive client is found dead on schedule", async () => {
  const said: string[] = [];
  const seen = await freezeKeepalivePeer((text) => said.push(text));
  assert(seen.good, JSON.stringify(seen));
  assertEquals([seen.expected, seen.missed, said.length], [1_500, 3, 3]);
});

import { assert, assertEquals } from "@std/assert";
import { exportedNames } from "./support/exported_names.ts";

Deno.test("the root gives at most 120 names, and none twice", async () => {
  const names = await exportedNames("mod.ts");
  assertEquals(new Set(names).size, names.length);
  assert(names.length > 80 && names.length <= 120, `${names.length} names`);
});

Deno.test("the root gives each protocol's functions", async () => {
  const names = await exportedNames("mod.ts");
  const functions = names.filter((name) => /^(?:serve|send|connect|receive)[A-Z]/.test(name));
  assertEquals(functions.sort(), [
    ...["connectHandshake", "connectKeepalive", "receiveSequence", "sendTcpHeartbeats"],
    ...["sendUdpHeartbeats", "serveHandshake", "serveKeepalive", "serveProxy", "serveSequence"],
    ...["serveTcpHeartbeats", "serveUdpHeartbeats"],
  ]);
});

/**
 * The examples that end by themselves, run as a reader would run them.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { script } from "../support/process.ts";

const ENDING = [
  "own_sockets",
  "confirmed_heartbeats",
  "name_sessions",
  "own_protocol_over_keepalive",
  "listen_to_all_services",
  "open_telemetry",
];

for (const name of ENDING) {
  Deno.test(`the example ${name} runs to its end and says something`, async () => {
    await using example = script(`examples/${name}`);
    assertEquals(await example.exitCode(), 0, example.err.join("\n"));
    assertEquals(example.err, []);
    assert(example.out.length > 1);
  });
}

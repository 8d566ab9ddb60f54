/**
 * Ctrl-C where it comes unexpectedly: in the middle of the demo, and a second time.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { launch } from "../../cli/command/launch.ts";
import { complaintAbout } from "../support/json_schema.ts";
import { Child, script } from "../support/process.ts";

const STOPS = [["starting", "SIGTERM"], ["starting", "SIGINT"], ["injected", "SIGINT"]] as const;

for (const [moment, signal] of STOPS) {
  Deno.test(`the demo stopped by ${signal} at its first line of ${moment} says so and no more`, async () => {
    const [program, ...start] = launch("demo", ["-A"]);
    await using demo = new Child(program, [...start, "--json"], {
      group: true,
      complaintAbout: (line) => complaintAbout("demo", line),
    });
    await demo.event(moment);
    demo.signal(signal);
    assertEquals([await demo.exitCode(), demo.err], [130, []]);
    await demo.event("stopped");
    assertEquals([demo.events("outcome"), demo.events("summary")], [[], []]);
  });
}

Deno.test("a command that does not stop is ended by a second signal, not by an echo of the first", async () => {
  await using endless = script("tests/support/endless_command");
  await endless.line((line) => line.endsWith("started"));
  endless.signal("SIGINT");
  endless.signal("SIGINT");
  await endless.line((line) => line.endsWith("asked to stop"));
  const asking = setInterval(() => endless.signal("SIGINT"), 50);
  const code = await endless.exitCode();
  clearInterval(asking);
  assertEquals([code, endless.err], [130, []]);
  assert(endless.out.length === 2, endless.out.join("\n"));
});

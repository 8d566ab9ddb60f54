/**
 * The demo as a newcomer runs it.
 *
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { launch } from "../../cli/command/launch.ts";
import { complaintAbout } from "../support/json_schema.ts";
import { Child, type JsonLine } from "../support/process.ts";

Deno.test("the demo notices just what it injects, ends by itself and exits 0", async () => {
  const started = performance.now();
  const [program, ...start] = launch("demo", ["-A"]);
  await using demo = new Child(program, [...start, "--json"], {
    complaintAbout: (line) => complaintAbout("demo", line),
  });
  const code = await demo.exitCode();
  const said = demo.out.join("\n");
  assertEquals(code, 0, said);
  assert(performance.now() - started < 20_000, "it promises to end within 20 s");
  const summary: JsonLine = JSON.parse(demo.out.at(-1)!);
  const { injected, noticed, falseAlarms, leased, lost } = summary;
  assertEquals({ injected, noticed, falseAlarms, leased, lost }, {
    injected: 7,
    noticed: 7,
    falseAlarms: 0,
    leased: true,
    lost: 0,
  });
  const broken = [
    "udp to freeze",
    "udp to kill",
    "tcp to freeze",
    "tcp to kill",
    "keepalive client",
  ];
  for (const client of broken) assertStringIncludes(said, `"client":"${client}"`);
});

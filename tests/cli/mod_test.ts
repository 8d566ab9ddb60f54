import { assert, assertEquals } from "@std/assert";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { launch } from "../../cli/command/launch.ts";
import { COMMANDS } from "../../cli/mod.ts";
import config from "../../deno.json" with { type: "json" };
import { Child } from "../support/process.ts";

Deno.test("heartline holds every command that is a task", () => {
  const tasks = Object.entries(config.tasks).filter(([, { command }]) =>
    / cli\/\w+\.ts$/.test(command)
  );
  const summaries = Object.entries(COMMANDS).map(([name, { summary }]) => [name, summary]);
  assertEquals(summaries, tasks.map(([name, { description }]) => [name, description]));
});

Deno.test("heartline loads each command under its own name", async () => {
  for (const [name, { load }] of Object.entries(COMMANDS)) {
    assertEquals(typeof (await load()).main, "function", name);
  }
});

Deno.test("heartline says how it was called, and a task how that was", async () => {
  for (const [start, call] of [["mod.ts plan", "heartline plan"], ["plan.ts", "deno task plan"]]) {
    const [file, ...names] = start!.split(" ");
    const path = fileURLToPath(new URL(`../../cli/${file}`, import.meta.url));
    await using help = new Child(process.execPath, ["run", path, ...names, "--help"]);
    assertEquals(await help.exitCode(), 0);
    assert(help.out.some((line) => line.startsWith(`usage: ${call} `)), help.out.join("\n"));
  }
});

Deno.test("a command of a package on JSR starts others from there", () => {
  const module = "https://packages.example/@heartline/heartline/0.1.0/cli/command/launch.ts";
  assertEquals(
    launch("udp_server", ["--allow-net"], module).at(-1),
    new URL("../udp_server.ts", module).href,
  );
});

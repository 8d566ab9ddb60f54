import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../cli/mod.ts";
import config from "../../deno.json" with { type: "json" };

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

/**
 * The completions of every command, loaded by real shells.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { SHELLS } from "../../cli/command/command.ts";
import { helpfulCommands, saidBy } from "../support/commands.ts";
import { hasShell, offers } from "../support/shells.ts";

const COMMANDS = await helpfulCommands();

for (const shell of SHELLS) {
  Deno.test({
    name: `${shell} completes every command from what the command prints` +
      (hasShell(shell) ? "" : ` (skipped: ${shell} is not installed)`),
    ignore: !hasShell(shell),
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        const files = [];
        for (const { name, main } of COMMANDS) {
          const { code, out, err } = await saidBy(main, ["--completions", shell]);
          assertEquals([code, err], [0, []]);
          const file = `${folder}/${name}`;
          await Deno.writeTextFile(file, out.join("\n"));
          files.push(file);
        }
        const names = COMMANDS.map(({ name }) => name).sort();
        assertEquals(offers(shell, files, "heartline "), names);
        for (const name of names) {
          assertEquals(offers(shell, files, `heartline-${name} --log-lev`), ["--log-level"]);
        }
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

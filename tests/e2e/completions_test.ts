/**
 * The completions of every command, printed by the command and loaded by real shells.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { SHELLS } from "../../cli/command/command.ts";
import { command } from "../support/process.ts";
import { hasShell, offers } from "../support/shells.ts";

const COMMANDS = [...Deno.readDirSync(new URL("../../cli/", import.meta.url))]
  .filter(({ name, isFile }) => isFile && name !== "mod.ts").map(({ name }) => name)
  .map((name) => name.replace(".ts", ""));

for (const shell of SHELLS) {
  Deno.test({
    name: `${shell} completes every command from what the command prints` +
      (hasShell(shell) ? "" : ` (skipped: ${shell} is not installed)`),
    ignore: !hasShell(shell),
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        const files = [];
        for (const name of COMMANDS) {
          await using child = command(name, "--completions", shell);
          assertEquals([await child.exitCode(), child.err], [0, []]);
          const file = `${folder}/${name}`;
          await Deno.writeTextFile(file, child.out.join("\n"));
          files.push(file);
        }
        const names = COMMANDS.map((name) => name.replaceAll("_", "-")).sort();
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

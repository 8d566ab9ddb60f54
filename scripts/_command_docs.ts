/**
 * What docs/COMMANDS.md says of each command.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { commandsOf } from "./_npm_package.ts";
import { quietly } from "./_run.ts";
import { ROOT } from "./_tree.ts";

/** What `--help` of every command says, by its name, as a block of code. */
export async function readHelps(): Promise<Map<string, string>> {
  const cwd = fileURLToPath(ROOT);
  return new Map(
    await Promise.all(
      commandsOf(config).map(async ({ name, file }) => {
        const args = ["run", "--quiet", "-A", `cli/${file}.ts`, "--help"];
        const help = await quietly(cwd, Deno.execPath(), ...args);
        return [name, `\`\`\`text\n${help.trimEnd()}\n\`\`\``] as const;
      }),
    ),
  );
}

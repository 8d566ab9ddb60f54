/**
 * `deno task command-docs`: writes into docs/COMMANDS.md what each command's `--help` says; with `--check`
 * it writes nothing and fails if the page is not up to date.
 *
 * The rest of the page is written by hand. A command has its place between `<!-- help NAME -->` and
 * `<!-- end of help -->`.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { quietly } from "./_run.ts";
import { ROOT } from "./_tree.ts";
import { fileURLToPath } from "node:url";

const PAGE = new URL("docs/COMMANDS.md", ROOT);

/**
 * The page with these helps in their places.
 *
 * @throws {Error} if a help has no place, or a place no help
 */
export function withHelps(page: string, helps: ReadonlyMap<string, string>): string {
  const found = new Set<string>();
  const written = page.replaceAll(PLACE, (_, name: string) => {
    const help = helps.get(name);
    if (help === undefined) throw new Error(`Cannot write the help of ${name}: no such command`);
    found.add(name);
    return `<!-- help ${name} -->\n\`\`\`text\n${help.trimEnd()}\n\`\`\`\n<!-- end of help -->`;
  });
  const missing = [...helps.keys()].filter((name) => !found.has(name));
  if (missing.length === 0) return written;
  throw new Error(`Cannot write the help of ${missing.join(", ")}: docs/COMMANDS.md has no place`);
}

/** What `--help` of every command says, by its name. */
export async function readHelps(): Promise<Map<string, string>> {
  const names = Object.entries(config.tasks).flatMap(([name, { command }]) => {
    const file = /\bcli\/(\w+)\.ts$/.exec(command)?.[1];
    return file ? [[name, file] as const] : [];
  });
  const cwd = fileURLToPath(ROOT);
  return new Map(
    await Promise.all(names.map(async ([name, file]) => {
      const args = ["run", "--quiet", "-A", `cli/${file}.ts`, "--help"];
      return [name, await quietly(cwd, Deno.execPath(), ...args)] as const;
    })),
  );
}

const PLACE = /<!-- help ([a-z-]+) -->\n[\s\S]*?<!-- end of help -->/g;

if (import.meta.main) {
  const before = await Deno.readTextFile(PAGE);
  const after = withHelps(before, await readHelps());
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(PAGE, after);
  else if (before !== after) {
    console.error("docs/COMMANDS.md is not what --help says: run deno task command-docs");
    Deno.exit(1);
  }
}

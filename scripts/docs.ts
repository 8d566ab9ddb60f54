/**
 * `deno task docs`: writes every page, or part of one, that is made from the code: the helps of
 * docs/COMMANDS.md, docs/JSON.md with its schema, and the state diagrams of docs/PROTOCOLS.md. With
 * `--check` it writes nothing and fails if one of them is not up to date.
 *
 * @module
 */
import { readHelps } from "./_command_docs.ts";
import { jsonPage, jsonSchema } from "./_json_docs.ts";
import { readJsonLines } from "./_json_lines.ts";
import { withPlaces } from "./_places.ts";
import { readDiagrams } from "./_state_diagrams.ts";
import { report, ROOT, type Violation } from "./_tree.ts";

/** What each page must be, given what it is. */
export async function writtenPages(): Promise<ReadonlyMap<string, (page: string) => string>> {
  const [helps, lines] = [await readHelps(), readJsonLines()];
  const diagrams = await readDiagrams();
  return new Map<string, (page: string) => string>([
    ["docs/COMMANDS.md", (page) => withPlaces(page, "help", helps)],
    ["docs/PROTOCOLS.md", (page) => withPlaces(page, "states", diagrams)],
    ["docs/JSON.md", () => jsonPage(lines)],
    ["docs/json.schema.json", () => jsonSchema(lines)],
  ]);
}

if (import.meta.main) {
  const stale: Violation[] = [];
  for (const [path, write] of await writtenPages()) {
    const url = new URL(path, ROOT);
    const before = await Deno.readTextFile(url);
    const after = write(before);
    if (before === after) continue;
    if (!Deno.args.includes("--check")) await Deno.writeTextFile(url, after);
    else stale.push({ path, line: 1, message: "is not up to date: run deno task docs" });
  }
  report(stale);
}

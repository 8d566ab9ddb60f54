/**
 * `deno task test`: every test and every code example, with coverage collected in `.coverage`.
 *
 * The variable makes the commands that end-to-end tests start as processes collect theirs, too.
 *
 * This file knows where tests and examples are. It does not know what they test.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { deno } from "./_run.ts";
import { ROOT } from "./_tree.ts";

const coverage = fileURLToPath(new URL(".coverage", ROOT));
await Deno.remove(coverage, { recursive: true }).catch(() => {});
Deno.env.set("DENO_COVERAGE_DIR", coverage);
const libraries = [...Deno.readDirSync(ROOT)]
  .filter(({ name, isDirectory }) => isDirectory && hasModule(name))
  .map(({ name }) => `${name}/`);
const passed = await deno(
  "test",
  "--allow-all",
  "--frozen",
  "--doc",
  `--coverage=${coverage}`,
  // The report is check_coverage.ts's; here the last line says whether the tests passed.
  "--coverage-raw-data-only",
  ...["mod.ts", "README.md", "docs/", ...libraries, "tests/"],
);
await removeHalfWritten();
Deno.exit(passed ? 0 : 1);

/** A process that a test killed as it ended leaves half a file, which no report could read. */
async function removeHalfWritten(): Promise<void> {
  for await (const { name } of Deno.readDir(coverage)) {
    const path = `${coverage}/${name}`;
    try {
      JSON.parse(await Deno.readTextFile(path));
    } catch {
      await Deno.remove(path);
    }
  }
}

function hasModule(folder: string): boolean {
  try {
    return Deno.statSync(new URL(`${folder}/mod.ts`, ROOT)).isFile;
  } catch {
    return false;
  }
}

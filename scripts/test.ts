/**
 * `deno task test`: every test and every code example, with coverage collected in `.coverage`.
 *
 * This file knows where tests and examples are. It does not know what they test.
 *
 * @module
 */
import { deno } from "./_run.ts";
import { ROOT } from "./_tree.ts";

await Deno.remove(new URL(".coverage", ROOT), { recursive: true }).catch(() => {});
const libraries = [...Deno.readDirSync(ROOT)]
  .filter(({ name, isDirectory }) => isDirectory && hasModule(name))
  .map(({ name }) => `${name}/`);
const passed = await deno(
  "test",
  "--allow-all",
  "--frozen",
  "--doc",
  "--coverage=.coverage",
  // The report is check_coverage.ts's; here the last line says whether the tests passed.
  "--coverage-raw-data-only",
  ...["mod.ts", "README.md", "docs/", ...libraries, "tests/"],
);
Deno.exit(passed ? 0 : 1);

function hasModule(folder: string): boolean {
  try {
    return Deno.statSync(new URL(`${folder}/mod.ts`, ROOT)).isFile;
  } catch {
    return false;
  }
}

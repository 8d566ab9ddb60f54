/**
 * `deno task test [--coverage]`: the tests and every code example; with `--coverage`, which costs half as
 * much again, coverage is collected in `.coverage`.
 *
 * What strains real processes for longer is `deno task soak`, and what needs the npm package
 * `deno task test:node`. The variable of jobs lets more files wait at once than there are processors. Types
 * are checked once, by `deno task ok`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { deno } from "./_run.ts";
import { ROOT } from "./_tree.ts";

/** What other tasks run. */
const ELSEWHERE = ["tests/soak/", "tests/e2e/node_test.ts"];

const coverage = fileURLToPath(new URL(".coverage", ROOT));
const covers = Deno.args.includes("--coverage");
if (covers) {
  await Deno.remove(coverage, { recursive: true }).catch(() => {});
  // Commands that end-to-end tests start as processes collect theirs, too.
  Deno.env.set("DENO_COVERAGE_DIR", coverage);
}
Deno.env.set("DENO_JOBS", String(navigator.hardwareConcurrency + 1));
const libraries = [...Deno.readDirSync(ROOT)]
  .filter(({ name, isDirectory }) => isDirectory && hasModule(name))
  .map(({ name }) => `${name}/`);
const passed = await deno(
  "test",
  "--allow-all",
  "--frozen",
  "--no-check",
  "--parallel",
  "--doc",
  // The report is check_coverage.ts's; here the last line says whether the tests passed.
  ...(covers ? [`--coverage=${coverage}`, "--coverage-raw-data-only"] : []),
  `--ignore=${ELSEWHERE.join(",")}`,
  ...["mod.ts", "README.md", "docs/", ...libraries, "tests/"],
);
if (covers) await removeHalfWritten();
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

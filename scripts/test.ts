/**
 * `deno task test [--coverage]`: the tests and every code example; with `--coverage`, which costs half as
 * much again, coverage is collected in `.coverage`.
 *
 * What strains real processes for longer is `deno task soak`, and what needs the npm package
 * `deno task test:node`. The variable of jobs lets more files wait at once than there are processors. Types
 * are checked once, by `deno task ok`. Examples are not left to `--doc`, which takes ten times as long.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { exampleTests } from "./_examples.ts";
import { deno } from "./_run.ts";
import { listTree, ROOT } from "./_tree.ts";

const EXAMPLES = ".examples/";

const coverage = fileURLToPath(new URL(".coverage", ROOT));
const covers = Deno.args.includes("--coverage");
if (covers) {
  await Deno.remove(coverage, { recursive: true }).catch(() => {});
  // Commands that end-to-end tests start as processes collect theirs, too.
  Deno.env.set("DENO_COVERAGE_DIR", coverage);
}
Deno.env.set("DENO_JOBS", String(navigator.hardwareConcurrency + 1));
await writeExamples();
const passed = await deno(
  "test",
  "--allow-all",
  "--frozen",
  "--no-check",
  "--parallel",
  // The report is check_coverage.ts's; here the last line says whether the tests passed.
  ...(covers ? [`--coverage=${coverage}`, "--coverage-raw-data-only"] : []),
  ...[EXAMPLES, "tests/"],
);
if (covers) await removeHalfWritten();
Deno.exit(passed ? 0 : 1);

/** Writes the examples of the library and of the pages anew, as tests. */
async function writeExamples(): Promise<void> {
  const rooms = new Set(Object.values(config.exports).map((file) => file.split("/")[1]!));
  const sources = new Map<string, string>();
  for await (const path of listTree()) {
    const isOurs = path.endsWith(".ts") && rooms.has(path.split("/")[0]!);
    const isPage = path === "README.md" || /^docs\/.*\.md$/.test(path);
    if (isOurs || isPage) sources.set(path, await Deno.readTextFile(new URL(path, ROOT)));
  }
  const folder = new URL(EXAMPLES, ROOT);
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder);
  for (const [path, text] of exampleTests(sources)) {
    await Deno.writeTextFile(new URL(path, folder), text);
  }
}

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

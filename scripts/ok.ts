/**
 * `deno task ok`: every convention of this project as a program. With `--skip-tests` everything but
 * the tests; their coverage (`deno task test --coverage`) must then be there already.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { deno } from "./_run.ts";
import { readTree } from "./_tree.ts";

const unknown = Deno.args.find((argument) => argument !== "--skip-tests");
if (unknown !== undefined) {
  console.error(`Cannot check: wanted nothing or --skip-tests, current value is ${unknown}`);
  Deno.exit(2);
}

const sources = [...(await readTree()).keys()];
const entryPoints = Object.values(config.exports);

const STEPS: readonly (readonly [name: string, ...args: string[]])[] = [
  ["format", "fmt", "--check"],
  ["lint", "lint"],
  ["types", "check", "--frozen", "--quiet", "--doc", ...sources, "README.md", "docs/"],
  ["doc lint", "doc", "--lint", "--quiet", ...entryPoints],
  ["examples", "run", "-A", "scripts/check_examples.ts"],
  ["publishable", "publish", "--dry-run", "--allow-dirty", "--quiet"],
  ["docs", "run", "-A", "scripts/docs.ts", "--check"],
  ["layers", "run", "-A", "scripts/check_layers.ts"],
  ["purity", "run", "-A", "scripts/check_purity.ts"],
  ...(Deno.args.includes("--skip-tests")
    ? []
    : [["tests", "run", "-A", "scripts/test.ts", "--coverage"] as const]),
  ["coverage", "run", "-A", "scripts/check_coverage.ts"],
];

let failed = 0;
for (const [name, ...args] of STEPS) {
  const started = performance.now();
  const passed = await deno(...args);
  if (!passed) failed++;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
}
console.log(`checks: ${STEPS.length - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);

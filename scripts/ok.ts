/**
 * `deno task ok`: every convention of this project as a program. With `--skip-tests` everything but
 * the tests; their coverage (`deno task test --coverage`) must then be there already.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { fileURLToPath } from "node:url";
import { deno, quietly } from "./_run.ts";
import { readTree, ROOT } from "./_tree.ts";

const unknown = Deno.args.find((argument) => argument !== "--skip-tests");
if (unknown !== undefined) {
  console.error(`Cannot check: wanted nothing or --skip-tests, current value is ${unknown}`);
  Deno.exit(2);
}

const sources = [...(await readTree()).keys()];
const entryPoints = Object.values(config.exports);

type Step = readonly [name: string, ...args: string[]];

/** The longest first, so that none is left over at the end. */
const CHECKS: readonly Step[] = [
  ["types", "check", "--frozen", "--quiet", "--doc", ...sources, "README.md", "docs/"],
  ["publishable", "publish", "--dry-run", "--allow-dirty", "--quiet"],
  ["docs", "run", "-A", "scripts/docs.ts", "--check"],
  ["lint", "lint"],
  ["format", "fmt", "--check"],
  ["examples", "run", "-A", "scripts/check_examples.ts"],
  ["layers", "run", "-A", "scripts/check_layers.ts"],
  ["purity", "run", "-A", "scripts/check_purity.ts"],
  ["doc lint", "doc", "--lint", "--quiet", ...entryPoints],
];
/** Each by itself: tests need the machine, and coverage is theirs. */
const LAST: readonly Step[] = [
  ...(Deno.args.includes("--skip-tests")
    ? []
    : [["tests", "run", "-A", "scripts/test.ts", "--coverage"] as const]),
  ["coverage", "run", "-A", "scripts/check_coverage.ts"],
];
/** Checks that run at the same time: as many as the smallest machine has processors. */
const AT_ONCE = 2;

let failed = 0;

async function run(steps: Iterable<Step>, check: (args: string[]) => Promise<boolean>) {
  for (const [name, ...args] of steps) {
    const started = performance.now();
    const passed = await check(args);
    if (!passed) failed++;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`${passed ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  }
}

/** Says what a check said in one piece, and only if it failed. */
async function quiet(args: readonly string[]): Promise<boolean> {
  try {
    await quietly(fileURLToPath(ROOT), Deno.execPath(), ...args);
    return true;
  } catch (error) {
    console.error((error as Error).message);
    return false;
  }
}

const waiting = CHECKS.values();
await Promise.all(Array.from({ length: AT_ONCE }, () => run(waiting, quiet)));
await run(LAST, (args) => deno(...args));
console.log(`checks: ${CHECKS.length + LAST.length - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);

// That no patch under tests/mutants is stale, so that a change of the code that one needs is noticed
// at once, and that its README lists all.

import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { readMutant } from "../../scripts/_mutant.ts";
import { quietly } from "../../scripts/_run.ts";
import { ROOT } from "../../scripts/_tree.ts";

const FOLDER = new URL("tests/mutants/", ROOT);
const NAMES = [...Deno.readDirSync(FOLDER)]
  .flatMap(({ name }) => name.endsWith(".patch") ? [name.slice(0, -".patch".length)] : [])
  .sort();
const MUTANTS = NAMES.map((name) =>
  readMutant(name, Deno.readTextFileSync(new URL(`${name}.patch`, FOLDER)))
);

/** The rows of all tables: the words of each, and its patches or why there is none. */
const ROWS = Deno.readTextFileSync(new URL("README.md", FOLDER))
  .split("\n")
  .flatMap((line) => {
    const [, row, patches] = /^\| (.+) \| (`.+`|none: .+) \|$/.exec(line) ?? [];
    return row === undefined ? [] : [{ row, patches: patches! }];
  });

Deno.test("every patch applies to the tree as it is", async () => {
  const stale: string[] = [];
  for (const name of NAMES) {
    const patch = `tests/mutants/${name}.patch`;
    const checking = quietly(
      fileURLToPath(ROOT),
      "git",
      "apply",
      "--unidiff-zero",
      "--check",
      patch,
    );
    await checking.catch(() => stale.push(name));
  }
  assertEquals(stale, []);
});

Deno.test("every patch names tests that exist", () => {
  for (const { name, tests } of MUTANTS) {
    for (const test of tests) {
      assert(Deno.statSync(new URL(test, ROOT)).isFile, `${name} names ${test}`);
    }
  }
});

Deno.test("every row of the README has its patches, and every patch its row", () => {
  const listed = ROWS.flatMap(({ row, patches }) =>
    patches.startsWith("none: ") ? [] : patches.split(" ").map((name) => `${name}: ${row}`)
  );
  const found = MUTANTS.map(({ name, row }) => `\`${name}\`: ${row}`);
  assertEquals(listed.sort(), found.sort());
  assert(ROWS.length > 50, `the tables were read: ${ROWS.length} rows`);
});

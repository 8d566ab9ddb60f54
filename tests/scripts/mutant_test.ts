import { assertEquals, assertThrows } from "@std/assert";
import { fateOf, readMutant } from "../../scripts/_mutant.ts";

const PURE = { permissions: "none" } as const;

Deno.test("the head of a patch names the defect and the tests", PURE, () => {
  const patch =
    "Row: late by a hair\nTests: tests/a_test.ts tests/b_test.ts\n\ndiff --git a/x b/x\n";
  assertEquals(readMutant("hair", patch), {
    name: "hair",
    row: "late by a hair",
    tests: ["tests/a_test.ts", "tests/b_test.ts"],
  });
});

Deno.test("a patch without a head says what is missing", PURE, () => {
  assertThrows(
    () => readMutant("hair", "Row: x\n"),
    Error,
    'hair.patch: wanted a line "Tests: ..."',
  );
});

for (
  const [name, code, output, fate] of [
    ["tests that pass", 0, "ok | 3 passed | 0 failed (1s)", "survived"],
    ["tests that fail", 1, "FAILED | 2 passed | 1 failed (1s)", "killed"],
    ["code that does not load", 1, "error: SyntaxError: x", "stale"],
    ["no test that ran", 1, "error: No test modules found", "stale"],
    ["tests that do not end", undefined, "", "hung"],
  ] as const
) {
  Deno.test(`${name}: ${fate}`, PURE, () => assertEquals(fateOf(code, output), fate));
}

import { assertEquals } from "@std/assert";
import { parseLcov } from "../../scripts/_lcov.ts";
import { belowFloor, impureFolders, violations } from "../../scripts/check_coverage.ts";

function test(name: string, body: () => void): void {
  Deno.test(name, { permissions: "none" }, body);
}

/** A report as Deno writes it: lines as `line: hits`, branches as pairs of line and hits. */
function lcov(
  path: string,
  lines: Readonly<Record<number, number>>,
  branches: readonly (readonly [line: number, hits: number | "-"])[] = [],
): string {
  return [
    `SF:/root/${path}`,
    "FN:1,f",
    ...branches.map(([line, hits], index) => `BRDA:${line},1,${index},${hits}`),
    ...Object.entries(lines).map(([line, hits]) => `DA:${line},${hits}`),
    "LH:0",
    "end_of_record",
    "",
  ].join("\n");
}

const read = (...reports: string[]) => parseLcov(reports.join(""), "/root/");

/** What is found in one file, as `line message`. */
function found(path: string, source: string, report: string): string[] {
  return violations(read(report), new Map([[path, source]]))
    .map(({ line, message }) => `${line} ${message}`);
}

const SOURCE = "export function f(x) {\n  if (x) return 1;\n  return 2;\n}\n";

test("a report is read file by file", () => {
  const coverage = read(lcov("a.ts", { 1: 5, 2: 0 }), lcov("b.ts", {}, [[3, "-"], [3, 7]]));
  assertEquals([...coverage.keys()], ["a.ts", "b.ts"]);
  assertEquals([...coverage.get("a.ts")!.lines], [[1, 5], [2, 0]]);
  assertEquals(coverage.get("b.ts")!.branches, [{ line: 3, hits: 0 }, { line: 3, hits: 7 }]);
});

test("every line of a pure file must be reached", () => {
  assertEquals(found("core/f.ts", SOURCE, lcov("core/f.ts", { 1: 1, 2: 1, 3: 1 })), []);
  assertEquals(found("core/f.ts", SOURCE, lcov("core/f.ts", { 1: 1, 2: 1, 3: 0 })), [
    "3 a line that no test reaches: return 2;",
  ]);
});

test("every branch of a pure file must be taken, and a line that is not reached is said once", () => {
  assertEquals(found("core/f.ts", SOURCE, lcov("core/f.ts", { 2: 1 }, [[2, 0], [2, 1]])), [
    "2 a branch that no test takes: if (x) return 1;",
  ]);
  assertEquals(found("core/f.ts", SOURCE, lcov("core/f.ts", { 2: 0 }, [[2, 0], [2, "-"]])), [
    "2 a line that no test reaches: if (x) return 1;",
  ]);
});

test("a pure file that no test loads is left out as a whole, unless it has nothing but types", () => {
  assertEquals(found("core/f.ts", SOURCE, ""), ["1 is pure, but no test loads it"]);
  const types = "/** `export class A` */\nexport interface A {}\nexport type B = A;\n";
  assertEquals(found("core/types.ts", types, ""), []);
});

test("what does I/O, and what does not ship, need not be reached line by line", () => {
  const one = (path: string) => found(path, SOURCE, lcov(path, { 2: 0 }));
  for (const path of ["cli/f.ts", "udp/server.ts", "core/clock.ts", "tests/core/f.ts"]) {
    assertEquals(one(path), []);
  }
});

test("an exception has a reason beside it, in the form that Deno reads", () => {
  const told = (comment: string) => found("cli/f.ts", `  // ${comment}\n`, "");
  for (
    const good of [
      "deno-coverage-ignore -- the type forbids it",
      "deno-coverage-ignore-start -- the type forbids it",
      "deno-coverage-ignore-stop",
    ]
  ) assertEquals(told(good), []);
  for (
    const bad of [
      "deno-coverage-ignore",
      "deno-coverage-ignore --",
      "deno-coverage-ignore: the type forbids it",
      "deno-coverage-ignore-start",
    ]
  ) assertEquals(told(bad), ["1 leaves out lines without a reason: write `-- reason` behind it"]);
  assertEquals(told("deno-coverage-ignore-file -- it is old"), [
    "1 leaves out a whole file: name the lines instead",
  ]);
});

test("impure files are added up by folder; pure ones and what does not ship are not among them", () => {
  const folders = impureFolders(read(
    lcov("core/framer.ts", { 1: 0 }),
    lcov("core/clock.ts", { 1: 1, 2: 0 }, [[1, 1]]),
    lcov("core/drive.ts", { 1: 3 }, [[1, 0]]),
    lcov("cli/demo.ts", { 1: 1 }),
    lcov("cli/demo/screen.ts", { 1: 0 }),
    lcov("mod.ts", { 1: 1 }),
    lcov("examples/a.ts", { 1: 0 }),
    "SF:/elsewhere/cli/a.ts\nDA:1,0\nend_of_record\n",
  ));
  const none = { found: 0, hit: 0 };
  assertEquals([...folders], [
    ["core/", { lines: { found: 3, hit: 2 }, branches: { found: 2, hit: 1 } }],
    ["cli/", { lines: { found: 2, hit: 1 }, branches: none }],
    ["./", { lines: { found: 1, hit: 1 }, branches: none }],
  ]);
});

test("a folder falls short by its lines or by its branches, below 90 %", () => {
  const at = (lines: number, branches: number) => ({
    lines: { found: 100, hit: lines },
    branches: { found: 100, hit: branches },
  });
  const short = (lines: number, branches: number) =>
    belowFloor(new Map([["cli/", at(lines, branches)]]));
  assertEquals(short(90, 90), []);
  assertEquals(short(89, 100), [
    "cli/         89.0 % of lines, 100.0 % of branches, wanted are 90 %",
  ]);
  assertEquals(short(100, 89).length, 1);
});

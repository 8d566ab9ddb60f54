import { assertEquals } from "@std/assert";
import { examplesIn, exampleTests } from "../../scripts/_examples.ts";

const COMMENT = [
  "/**",
  " * It adds.",
  " *",
  " * ```ts",
  " * const a = [",
  " *   1,",
  " * ];",
  " *",
  " * ```",
  " *",
  " * ```ts ignore",
  " * no",
  " * ```",
  " */",
].join("\n");
const PAGE = "# Page\n\n```ts\nawait x();\n```\n\n```sh\nls\n```\n";

Deno.test("the examples of a comment and of a page are found, with their lines", () => {
  assertEquals(examplesIn("core/a.ts", COMMENT), [{ line: 5, code: "const a = [\n  1,\n];\n\n" }]);
  assertEquals(examplesIn("docs/a.md", PAGE), [{ line: 4, code: "await x();\n" }]);
  assertEquals(examplesIn("docs/b.md", "no code"), []);
});

Deno.test("each example is a module, and each room one file of tests", () => {
  const sources = new Map([["core/a.ts", COMMENT], ["README.md", PAGE], ["core/b.ts", COMMENT]]);
  const files = exampleTests(sources);
  assertEquals([...files.keys()], [
    ...["core_a.ts_5.ts", "README.md_4.ts", "core_b.ts_5.ts", "core_test.ts", "root_test.ts"],
  ]);
  const room = files.get("core_test.ts")!.trimEnd().split("\n");
  assertEquals(room, [
    'Deno.test("the example of core/a.ts:5", () => import("./core_a.ts_5.ts"));',
    'Deno.test("the example of core/b.ts:5", () => import("./core_b.ts_5.ts"));',
  ]);
});

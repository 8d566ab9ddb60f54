import { assertEquals } from "@std/assert";
import { compileForNode, examplesOf, isForNode } from "../../scripts/_node_tests.ts";
import type { Config } from "../../scripts/_npm_package.ts";

const CONFIG: Config = {
  ...{ name: "@acme/pulse", version: "1.2.3", description: "", license: "MIT" },
  ...{ exports: {}, tasks: {}, imports: { "@std/assert": "npm:deno-std@1.4.0/assert/mod.js" } },
};

/** The compiled statements, without the source map. */
function compiled(source: string): string {
  const code = compileForNode(CONFIG, "tests/udp/message_test.ts", source);
  return code.slice(0, code.indexOf("//# sourceMappingURL")).trim();
}

const CASES: readonly (readonly [what: string, source: string, wanted: string])[] = [
  [
    "a source is taken from the package",
    `import { a } from "../../udp/message.ts"; a();`,
    `import { a } from "../../node_modules/pulse/udp/message.js";\na();`,
  ],
  [
    "a piece of the tests stays where it is",
    `import { a } from "../support/random.ts"; a();`,
    `import { a } from "../../tests/support/random.js";\na();`,
  ],
  [
    "an alias is resolved",
    `import { a } from "@std/assert"; a();`,
    `import { a } from "deno-std/assert/mod.js";\na();`,
  ],
  [
    "our own name is that on npm",
    `import { a } from "@acme/pulse/udp"; a();`,
    `import { a } from "pulse/udp";\na();`,
  ],
  [
    "Deno is what we say it is",
    `Deno.test("a", () => {}); export {};`,
    `import { Deno } from "../../tests/support/deno_on_node.js"; ` +
    `Deno.test("a", () => { });\nexport {};`,
  ],
];

for (const [what, source, wanted] of CASES) {
  Deno.test({
    name: `tests on Node: ${what}`,
    // The compiler asks for variables of the environment.
    permissions: { env: true, read: true },
    fn: () => assertEquals(compiled(source), wanted),
  });
}

Deno.test("tests on Node: `using` is written out", { permissions: { env: true } }, () => {
  const source = "{ using file = open(); file.read(); }";
  assertEquals(/\busing file\b/.test(compiled(source)), false);
});

Deno.test("tests on Node: those of Deno's tools are left out", { permissions: "none" }, () => {
  const paths = ["tests/udp/message_test.ts", "examples/own_sockets.ts", "tests/support/random.ts"];
  assertEquals(paths.map(isForNode), [true, true, true]);
  assertEquals(["tests/scripts/source_test.ts", "udp/message.ts"].map(isForNode), [false, false]);
});

Deno.test("tests on Node: every TypeScript example of a page is one", () => {
  const page = 'A\n```ts\nimport "@acme/pulse";\n```\nB\n```sh\nls\n```\n```ts\nlet a = 1;\n```\n';
  assertEquals([...examplesOf(CONFIG, "docs/guides/fleet.md", page)], [
    ["pages/docs_guides_fleet_1_test.ts", 'import "pulse";\n'],
    ["pages/docs_guides_fleet_2_test.ts", "let a = 1;\n"],
  ]);
});

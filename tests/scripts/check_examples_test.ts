import { assertEquals } from "@std/assert";
import { type Docs, violations } from "../../scripts/check_examples.ts";

const ROOT = "file:///heartline/";
const SHOWN = { tags: [{ kind: "example", doc: "A title\n```ts\nrun();\n```\n" }] };
const IGNORED = { tags: [{ kind: "example", doc: "```ts ignore\nrun();\n```\n" }] };
const UNTAGGED = { doc: "```ts\nrun();\n```", tags: [{ kind: "module" }] };

type Comment = typeof SHOWN | typeof IGNORED | typeof UNTAGGED;
type Row = readonly [
  name: string,
  kind: string,
  jsDoc?: Comment | undefined,
  ...mentions: string[],
];

/** Each row: what it shows, the exports of `udp/mod.ts`, each in a line of its own, and what is said. */
const MODULES: readonly (readonly [title: string, rows: readonly Row[], said: string[]])[] = [
  ["what has an example", [["run", "function", SHOWN], ["Runner", "class", SHOWN]], []],
  ["a function without one", [["run", "function"]], ["1 exports the function run without"]],
  ["a class without one", [["Runner", "class"]], ["1 exports the class Runner without"]],
  ["a constant without one", [["MOST", "variable"]], ["1 exports the variable MOST without"]],
  ["one that is not run", [["run", "function", IGNORED]], ["1 exports the function run without"]],
  ["one without a tag", [["run", "function", UNTAGGED]], ["1 exports the function run without"]],
  ["an overload with one", [["run", "function"], ["run", "function", SHOWN]], []],
  [
    "types that a function takes or gives",
    [["run", "function", SHOWN, "Way", "Promise"], ["Way", "interface"]],
    [],
  ],
  [
    "types of such types",
    [["run", "function", SHOWN, "Way"], ["Way", "interface", undefined, "End"], [
      "End",
      "typeAlias",
    ]],
    [],
  ],
  [
    "types that nothing leads to",
    [["Way", "interface", undefined, "End"], ["End", "typeAlias"], ["run", "function", SHOWN]],
    ["1 exports the type Way, which no", "2 exports the type End, which no"],
  ],
  ["a type with an example of its own", [["Way", "interface", SHOWN]], []],
];

function docsOf(rows: readonly Row[], head: Comment = SHOWN): Docs {
  const names = [...new Set(rows.map(([name]) => name))];
  const symbols = names.map((name) => ({
    name,
    declarations: rows.flatMap(([declared, kind, jsDoc, ...mentions], index) => {
      if (declared !== name) return [];
      const location = { filename: `${ROOT}udp/run.ts`, line: index + 1 };
      const def = { params: mentions.map((typeName) => ({ tsType: { value: { typeName } } })) };
      return [{ kind, location, def, ...(jsDoc && { jsDoc }) }];
    }),
  }));
  return { [`${ROOT}udp/mod.ts`]: { module_doc: head, symbols } };
}

const PURE = { permissions: "none" } as const;

for (const [title, rows, said] of MODULES) {
  Deno.test(`check_examples: ${title}`, PURE, () => {
    const found = violations(docsOf(rows), ROOT);
    assertEquals(found.map(({ path }) => path), said.map(() => "udp/run.ts"));
    const starts = found.map(({ line, message }, index) =>
      `${line} ${message}`.slice(0, said[index]?.length)
    );
    assertEquals(starts, said);
  });
}

Deno.test("check_examples: an entry point needs one too", PURE, () => {
  assertEquals(violations(docsOf([], IGNORED), ROOT), [{
    path: "udp/mod.ts",
    line: 1,
    message: "is an entry point without a runnable @example",
  }]);
});

Deno.test("check_examples: what two entry points export is said once", PURE, () => {
  const [entry] = Object.values(docsOf([["run", "function"]]));
  const docs = { [`${ROOT}mod.ts`]: entry!, [`${ROOT}udp/mod.ts`]: entry! };
  assertEquals(violations(docs, ROOT).map(({ path, line }) => `${path}:${line}`), ["udp/run.ts:1"]);
});

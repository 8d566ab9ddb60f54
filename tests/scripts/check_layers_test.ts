import { assertEquals, assertStringIncludes } from "@std/assert";
import { violations } from "../../scripts/check_layers.ts";

type Tree = Readonly<Record<string, string>>;

/** A tree that breaks no rule, and uses every freedom there is. */
const GOOD: Tree = {
  "core/mod.ts": `export * from "./machine.ts";`,
  "core/machine.ts": "export interface Machine {}",
  "net/mod.ts": `export { openNet } from "./open.ts";`,
  "net/open.ts": `import type { Net } from "./net.ts";\nawait import("./node.ts");`,
  "net/net.ts": `import type { Machine } from "../core/machine.ts";`,
  "net/node.ts": `import { createServer } from "node:net";`,
  "udp/mod.ts": `export * from "./server.ts";`,
  "udp/server.ts": `import { openNet } from "../net/open.ts";\nimport "./message.ts";`,
  "udp/message.ts": `import { Machine } from "../core/machine.ts";`,
  "sequence/session.ts": "export interface Session {}",
  "store/redis.ts":
    `import type { Session } from "../sequence/session.ts";\nimport { createClient } from "@redis/client";`,
  "mod.ts": `export * from "./core/mod.ts";\nexport * from "./udp/mod.ts";`,
  "cli/udp_server.ts":
    `import "../udp/mod.ts";\nimport "@logtape/logtape";\nimport "../store/redis.ts";`,
  "types/std.d.ts": `declare module "@std/assert" {}`,
  "tests/udp/server_test.ts": `import "../../udp/server.ts";\nimport "../../bench/floor.ts";`,
  "bench/floor.ts": `import "node:dgram";`,
};

/** Each row: the rule, the file that breaks it, its source, and where and how that is named. */
const BAD: readonly (readonly [rule: string, path: string, source: string, named: string])[] = [
  ["core imports core only", "core/a.ts", `\nimport "../udp/message.ts";`, "2 ../udp/message.ts"],
  ["core has no built-ins", "core/a.ts", `import "node:fs";`, "1 node:fs"],
  ["core has no packages", "core/a.ts", `import "npm:left-pad";`, "1 npm:left-pad"],
  [
    "core has no bare names",
    "core/a.ts",
    `import "@heartline/heartline";`,
    "1 @heartline/heartline",
  ],
  [
    "types count as imports",
    "core/a.ts",
    `import type { Net } from "../net/net.ts";`,
    "1 ../net/net.ts",
  ],
  ["protocols are strangers", "udp/a.ts", `import "../tcp/message.ts";`, "1 ../tcp/message.ts"],
  ["protocols stand below mod.ts", "udp/a.ts", `import "../mod.ts";`, "1 ../mod.ts"],
  ["protocols have no built-ins", "udp/server.ts", `import "node:dgram";`, "1 node:dgram"],
  ["protocols have no packages", "proxy/a.ts", `import "fast-check";`, "1 fast-check"],
  [
    "only server and client use net",
    "udp/machine.ts",
    `import "../net/open.ts";`,
    "1 ../net/open.ts",
  ],
  ["they use no adapter directly", "udp/client.ts", `import "../net/deno.ts";`, "1 ../net/deno.ts"],
  ["net imports core only", "net/a.ts", `import "../udp/mod.ts";`, "1 ../udp/mod.ts"],
  ["net has no packages", "net/a.ts", `import "ws";`, "1 ws"],
  [
    "store sees types only",
    "store/a.ts",
    `import { a } from "../sequence/a.ts";`,
    "1 ../sequence/a.ts",
  ],
  [
    "mod.ts takes folders whole",
    "mod.ts",
    `export * from "./udp/message.ts";`,
    "1 ./udp/message.ts",
  ],
  [
    "cli imports no tests",
    "cli/a.ts",
    `import "../tests/support/pair.ts";`,
    "1 ../tests/support/pair.ts",
  ],
  ["cli imports no examples", "cli/a.ts", `import "../examples/a.ts";`, "1 ../examples/a.ts"],
  ["nobody imports bench", "net/a.ts", `import "../bench/floor.ts";`, "1 ../bench/floor.ts"],
  ["nobody imports scripts", "udp/a.ts", `await import("../scripts/ok.ts");`, "1 ../scripts/ok.ts"],
  ["a computed import hides its target", "udp/a.ts", `await import(name);`, "1 a computed name"],
  ["types import nothing", "types/a.d.ts", `import "../core/mod.ts";`, "1 ../core/mod.ts"],
];

Deno.test({ name: "violations() accepts a good tree", permissions: "none" }, () => {
  assertEquals(violations(filesOf(GOOD)), []);
});

Deno.test(
  { name: "violations() names what goes against the table", permissions: "none" },
  async (t) => {
    for (const [rule, path, source, named] of BAD) {
      await t.step(rule, () => {
        const found = violations(filesOf({ ...GOOD, [path]: source }));
        // A built-in in a server is named twice: mod.ts would load it.
        assertEquals(new Set(found.map((violation) => violation.path)), new Set([path]));
        const { line, message } = found[0]!;
        assertStringIncludes(`${line} ${message}`, named.replace(" ", " may not import "));
      });
    }
  },
);

Deno.test({ name: "violations() names a file outside the table", permissions: "none" }, () => {
  const found = violations(filesOf({ ...GOOD, "gui/a.ts": "" }));
  assertEquals(found, [{
    path: "gui/a.ts",
    line: 1,
    message: "is in no row of the table of layers",
  }]);
});

Deno.test(
  { name: "violations() names the way from mod.ts to an adapter", permissions: "none" },
  () => {
    const open = `\nexport { nodeNet } from "./node.ts";`;
    const found = violations(filesOf({ ...GOOD, "net/open.ts": open }));
    assertEquals(found, [{
      path: "net/open.ts",
      line: 2,
      message: "loads an adapter when mod.ts is imported: " +
        "mod.ts -> udp/mod.ts -> udp/server.ts -> net/open.ts -> ./node.ts",
    }]);
  },
);

Deno.test({ name: "violations() names a built-in that mod.ts loads", permissions: "none" }, () => {
  const found = violations(filesOf({ ...GOOD, "net/open.ts": `import { isIP } from "node:net";` }));
  assertEquals(found.length, 1);
  assertStringIncludes(found[0]!.message, "net/open.ts -> node:net");
});

Deno.test({ name: "violations() names a circle of imports once", permissions: "none" }, () => {
  const circle = {
    "core/mod.ts": `import "./a.ts";`,
    "core/a.ts": `\nimport type { A } from "./b.ts";`,
  };
  const back = { "core/b.ts": `import { B } from "./mod.ts";`, "core/c.ts": `import "./b.ts";` };
  assertEquals(violations(filesOf({ ...GOOD, ...circle, ...back })), [{
    path: "core/b.ts",
    line: 1,
    message: "closes a circle of imports: core/mod.ts -> core/a.ts -> core/b.ts -> core/mod.ts",
  }]);
});

Deno.test({ name: "violations() lets a file load itself later", permissions: "none" }, () => {
  const later = { "core/mod.ts": `import "./a.ts";`, "core/a.ts": `await import("./mod.ts");` };
  assertEquals(violations(filesOf({ ...GOOD, ...later })), []);
});

function filesOf(tree: Tree): Map<string, string> {
  return new Map(Object.entries(tree));
}

import { assertEquals, assertStringIncludes } from "@std/assert";
import { isPure, violations } from "../../scripts/check_purity.ts";

/** One statement for each thing that a pure file must not do, and the word that is named. */
const IMPURE: readonly (readonly [statement: string, named: string])[] = [
  ["const at = Date.now();", "Date"],
  ["const at = new Date();", "Date"],
  ["const { now } = Date;", "Date"],
  ["const at = performance.now();", "performance"],
  ["setTimeout(wake, 10);", "setTimeout"],
  ["setInterval(wake, 10);", "setInterval"],
  ["setImmediate(wake);", "setImmediate"],
  ["queueMicrotask(wake);", "queueMicrotask"],
  ["const signal = AbortSignal.timeout(10);", "AbortSignal.timeout"],
  ["const roll = Math.random();", "Math.random"],
  ["const roll = Math\n  .random();", "Math"],
  ["const { random } = Math;", "Math"],
  [`const roll = Math["random"]();`, "Math"],
  ["const id = crypto.randomUUID();", "crypto"],
  ["console.log(1);", "console"],
  ["Deno.exit(1);", "Deno"],
  ["globalThis.setTimeout(wake, 10);", "globalThis"],
  ["process.exit(1);", "process."],
  ["await fetch(address);", "fetch("],
  ["new WebSocket(address);", "WebSocket"],
  [`await import("./message.ts");`, "import("],
  [`import { readFileSync } from "node:fs";`, "node:fs"],
  [`import { createSocket } from "node:dgram";`, "node:dgram"],
  [`import { openNet } from "../net/open.ts";`, "../net/open.ts"],
  [`import { systemClock } from "../core/clock.ts";`, "../core/clock.ts"],
  [`export { serve } from "./server.ts";`, "./server.ts"],
  ["const text = `at ${Date.now()}`;", "Date"],
];

/** What looks like it, and is not. */
const PURE: readonly string[] = [
  "// Date.now() is for clock.ts",
  "/**\n * @example\n * ```ts\n * await import(name); console.log(Math.random());\n * ```\n */",
  `const text = "Cannot use Deno.exit: setTimeout";`,
  "const text = `fetch(address)`;",
  "this.performance = link.console;",
  "this.#process.stop(); this.#fetch(1); cache.fetch(1);",
  "const process = 1, dates = Date.UTC(1970, 0);",
  "Math.max(1, 2);",
  `import type { Clock } from "../core/clock.ts";`,
  `import type { Net } from "../net/net.ts";`,
  `import { encode } from "./message.ts";`,
];

Deno.test(
  { name: "violations() names each impure word with its line", permissions: "none" },
  async (t) => {
    for (const [statement, named] of IMPURE) {
      await t.step(statement, () => {
        const found = violations(new Map([["udp/machine.ts", `// first line\n${statement}`]]));
        assertEquals(found.map(({ path }) => path), ["udp/machine.ts"]);
        assertEquals(found[0]!.line, 2);
        assertStringIncludes(found[0]!.message, named);
      });
    }
  },
);

Deno.test(
  { name: "violations() ignores what only looks impure", permissions: "none" },
  async (t) => {
    for (const source of PURE) {
      await t.step(
        source,
        () => assertEquals(violations(new Map([["udp/machine.ts", source]])), []),
      );
    }
  },
);

Deno.test({ name: "violations() leaves impure files alone", permissions: "none" }, () => {
  const source = "Date.now();";
  const paths = ["udp/server.ts", "udp/client.ts", "core/clock.ts", "core/drive.ts", "net/deno.ts"];
  assertEquals(violations(new Map(paths.map((path) => [path, source]))), []);
});

Deno.test(
  { name: "violations() lets mod.ts re-export what is impure", permissions: "none" },
  () => {
    assertEquals(violations(new Map([["udp/mod.ts", `export * from "./server.ts";`]])), []);
  },
);

Deno.test({ name: "isPure() knows the pure files", permissions: "none" }, () => {
  const pure = ["core/mod.ts", "core/drive_x.ts", "tcp/server_machine.ts", "proxy/faults.ts"];
  const impure = ["core/drive.ts", "tcp/server.ts", "net/mod.ts", "cli/demo.ts", "mod.ts"];
  assertEquals([...pure, ...impure].filter(isPure), pure);
});

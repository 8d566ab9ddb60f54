import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  binFiles,
  commandsOf,
  type Config,
  dependencies,
  npmName,
  npmSpecifier,
  packageJson,
} from "../../scripts/_npm_package.ts";

const CONFIG: Config = {
  name: "@acme/pulse",
  version: "1.2.3",
  description: "Is it there?",
  license: "MIT",
  exports: { ".": "./mod.ts", "./store/redis": "./store/redis.ts" },
  tasks: {
    "seq-server": { description: "Send", command: "deno run --allow-net cli/seq_server.ts" },
    demo: { description: "Show", command: "deno run -A cli/demo.ts" },
    ok: { description: "Check", command: "deno run -A scripts/ok.ts" },
    other: { description: "Named unlike its file", command: "deno run -A cli/demo.ts" },
  },
  imports: {
    "@std/yaml": "npm:deno-std@1.4.0/yaml/mod.js",
    "@std/assert": "npm:deno-std@1.4.0/assert/mod.js",
    "@redis/client": "npm:@redis/client@6.3.1",
    "fast-check": "npm:fast-check@4.10.2",
  },
};

/** What each file of the package imports. */
const IMPORTED = new Map([
  ["mod.js", []],
  ["store/redis.js", ["@redis/client"]],
  ["cli/seq_server.js", ["deno-std/yaml/mod.js", "@redis/client"]],
]);

function test(name: string, fn: () => void): void {
  Deno.test({ name: `npm package: ${name}`, permissions: "none", fn });
}

test("the name loses its scope", () => {
  assertEquals([npmName(CONFIG), npmName({ name: "pulse" })], ["pulse", "pulse"]);
});

test("a task that runs the file of its name in cli/ is a command", () => {
  assertEquals(commandsOf(CONFIG), [
    { name: "seq-server", file: "seq_server", summary: "Send" },
    { name: "demo", file: "demo", summary: "Show" },
  ]);
});

test("every command has a program, and one program holds them all", () => {
  const files = binFiles(CONFIG);
  assertEquals([...files.keys()], ["seq_server", "demo", "pulse"]);
  assertStringIncludes(files.get("demo")!, `import { main } from "../cli/demo.js";`);
  assertStringIncludes(files.get("pulse")!, `load: () => import("../cli/seq_server.js")`);
  for (const text of files.values()) assertEquals(text.startsWith("#!/usr/bin/env node\n"), true);
});

test("an alias becomes the module that npm knows, other names stay", () => {
  const names = ["@std/yaml", "@redis/client", "node:net", "./message.js"];
  assertEquals(names.map((name) => npmSpecifier(CONFIG, name)), [
    "deno-std/yaml/mod.js",
    "@redis/client",
    "node:net",
    "./message.js",
  ]);
});

test("exports and bin follow deno.json", () => {
  const { exports, bin } = packageJson(CONFIG, IMPORTED);
  assertEquals(exports, {
    ".": { types: "./mod.d.ts", default: "./mod.js" },
    "./store/redis": { types: "./store/redis.d.ts", default: "./store/redis.js" },
    "./package.json": "./package.json",
  });
  assertEquals(bin, {
    pulse: "bin/pulse.js",
    "pulse-seq-server": "bin/seq_server.js",
    "pulse-demo": "bin/demo.js",
  });
});

test("commands have dependencies, library modules at most optional peers", () => {
  const { dependencies, peerDependencies, peerDependenciesMeta } = packageJson(CONFIG, IMPORTED);
  assertEquals(dependencies, { "deno-std": "^1.4.0" });
  assertEquals(peerDependencies, { "@redis/client": "^6.3.1" });
  assertEquals(peerDependenciesMeta, { "@redis/client": { optional: true } });
  assertEquals("peerDependencies" in packageJson(CONFIG, new Map()), false);
});

test("what cannot be had from npm is refused", () => {
  const imports = { "@std/yaml": "jsr:@std/yaml@1" };
  assertThrows(() => dependencies({ imports }, IMPORTED, () => true), Error, "wanted npm:");
});

/**
 * The npm package as it is installed.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { access, readFile } from "node:fs/promises";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { Child } from "../support/process.ts";
import { onDeno } from "../support/runtime.ts";

const NAME = "@heartline/heartline";

interface Manifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin: Readonly<Record<string, string>>;
}

/** On Deno there is no package, only its sources. */
function test(name: string, body: (manifest: Manifest, root: string) => Promise<void>): void {
  Deno.test(name, { ignore: onDeno }, async () => {
    const path = fileURLToPath(import.meta.resolve(`${NAME}/package.json`));
    await body(JSON.parse(await readFile(path, "utf8")), path.replace("package.json", ""));
  });
}

test("every module of the package can be imported and exports something", async ({ exports }) => {
  const modules = Object.keys(exports).filter((entry) => entry !== "./package.json");
  assert(modules.includes("./udp"));
  for (const entry of modules) {
    const name = `${NAME}${entry.slice(1)}`;
    assert(Object.keys(await import(name)).length > 0, name);
  }
});

test("every command of the package has a version and a help", async ({ version, bin }, root) => {
  for (const [name, path] of Object.entries(bin)) {
    await using asked = new Child(process.execPath, [root + path, "--version"]);
    assertEquals([await asked.exitCode(), asked.out, asked.err], [0, [version], []], name);
    await using help = new Child(process.execPath, [root + path, "--help"]);
    assertEquals([await help.exitCode(), help.err], [0, []], name);
    assert(help.out.some((line) => line.startsWith("usage: heartline ")), help.out.join("\n"));
  }
});

test("the README of the package leads to files of the package", async (_, root) => {
  const page = await readFile(`${root}README.md`, "utf8");
  const links = [...page.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path]) => path!);
  assert(links.includes("docs/guides/fleet.md"), links.join(" "));
  for (const path of links) await access(root + path);
});

test("one command holds the others", async ({ bin }, root) => {
  const run = (...args: string[]) => new Child(process.execPath, [root + bin.heartline!, ...args]);
  await using none = run();
  assertEquals(await none.exitCode(), 2);
  await using wrong = run("udp-sever");
  assertEquals(await wrong.exitCode(), 2);
  assertEquals(wrong.err, [
    "Cannot run udp-sever: no such command, did you mean udp-server (see --help)",
  ]);
  await using server = run("udp-server", "--port", "0", "--json");
  await server.event("listening");
  server.signal("SIGTERM");
  assertEquals(await server.exitCode(), 0);
});

test("one command prints what a shell needs to complete all others", async ({ bin }, root) => {
  const run = (...args: string[]) => new Child(process.execPath, [root + bin.heartline!, ...args]);
  await using all = run("--completions", "bash");
  assertEquals([await all.exitCode(), all.err], [0, []]);
  const completed = all.out.filter((line) => /^complete .* heartline-/.test(line))
    .map((line) => line.split(" ").at(-1)!);
  assertEquals(completed, Object.keys(bin).filter((name) => name !== "heartline"));
  await using wrong = run("--completions", "csh");
  assertEquals([await wrong.exitCode(), wrong.out, wrong.err.length], [2, [], 1]);
});

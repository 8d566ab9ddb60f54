import { assertEquals } from "@std/assert";
import { compileForNode } from "../../scripts/_node_tests.ts";
import { quietly } from "../../scripts/_run.ts";
import { ROOT } from "../../scripts/_tree.ts";
import { withFolder } from "../support/folder.ts";

const CONFIG = {
  ...{ name: "@acme/pulse", version: "1.2.3", description: "", license: "MIT" },
  ...{ exports: {}, tasks: {}, imports: {} },
};
const SUPPORT = ["tests/support/deno_on_node.ts", "tests/support/node_reporter.ts"];

/** More than a pipe holds, and something that would keep the process alive. */
const TESTS = `import { createServer } from "node:net";
Deno.test("leaves a server open", () => void createServer().listen(0, "127.0.0.1"));
for (let n = 1; n < 1_000; n++) Deno.test("test " + n + " " + "x".repeat(1_000), () => {});
`;

const hasNode = await quietly(".", "node", "--version").then(() => true, () => false);

Deno.test("every test that Node ran is counted", { ignore: !hasNode }, async () => {
  await withFolder(async (folder) => {
    const compile = (path: string, source: string) =>
      Deno.writeTextFile(
        `${folder}/${path.replace(".ts", ".js")}`,
        compileForNode(CONFIG, path, source),
      );
    await Deno.mkdir(`${folder}/tests/support`, { recursive: true });
    for (const path of SUPPORT) {
      await compile(path, await Deno.readTextFile(new URL(path, ROOT)));
    }
    await compile("tests/many_test.ts", TESTS);
    await Deno.writeTextFile(`${folder}/package.json`, `{ "type": "module" }`);
    const reporter = "--test-reporter=./tests/support/node_reporter.js";
    const said = await quietly(folder, "node", "--test", reporter, "tests/many_test.js");
    assertEquals(said.trim().replace(/^node v[\d.]+: /, ""), "1000 passed, 0 failed, 0 left out");
  });
});

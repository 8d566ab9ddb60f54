import { assertEquals, assertThrows } from "@std/assert";
import { readHelps, withHelps } from "../../scripts/command_docs.ts";
import { ROOT } from "../../scripts/_tree.ts";

Deno.test("the page of commands is what --help of each says", async () => {
  const page = await Deno.readTextFile(new URL("docs/COMMANDS.md", ROOT));
  assertEquals(page, withHelps(page, await readHelps()));
});

Deno.test("a command without a place, and a place without a command, are refused", () => {
  const page = "a\n<!-- help x -->\nold\n<!-- end of help -->\nb\n";
  const written = withHelps(page, new Map([["x", "new\n"]]));
  assertEquals(written, "a\n<!-- help x -->\n```text\nnew\n```\n<!-- end of help -->\nb\n");
  assertThrows(() => withHelps(page, new Map([["x", ""], ["y", ""]])), Error, "help of y");
  assertThrows(() => withHelps(page, new Map()), Error, "help of x");
});

Deno.test("the README is short", async () => {
  const lines = (await Deno.readTextFile(new URL("README.md", ROOT))).trimEnd().split("\n");
  assertEquals(lines.length <= 150, true, `${lines.length} lines`);
});

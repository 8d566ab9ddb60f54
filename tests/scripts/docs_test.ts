import { assertEquals, assertThrows } from "@std/assert";
import { withPlaces } from "../../scripts/_places.ts";
import { ROOT } from "../../scripts/_tree.ts";
import { writtenPages } from "../../scripts/docs.ts";

Deno.test("what is made from the code is up to date in every page", async (t) => {
  for (const [path, write] of await writtenPages()) {
    await t.step(path, async () => {
      const page = await Deno.readTextFile(new URL(path, ROOT));
      assertEquals(page, write(page));
    });
  }
});

Deno.test("a text without a place, and a place without a text, are refused", () => {
  const page = "a\n<!-- help of x, y -->\nold\n<!-- end of help -->\nb\n<!-- states x -->\n";
  const written = withPlaces(page, "help", new Map([["of x, y", "new"]]));
  assertEquals(written, page.replace("old", "new"));
  assertThrows(
    () => withPlaces(page, "help", new Map([["of x, y", ""], ["z", ""]])),
    Error,
    "of z",
  );
  assertThrows(() => withPlaces(page, "help", new Map()), Error, "of x, y");
});

Deno.test("the README is short", async () => {
  const lines = (await Deno.readTextFile(new URL("README.md", ROOT))).trimEnd().split("\n");
  assertEquals(lines.length <= 150, true, `${lines.length} lines`);
});

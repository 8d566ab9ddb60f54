import { assertEquals, assertMatch } from "@std/assert";
import { picture } from "../../scripts/watch_picture.ts";
import { ROOT } from "../../scripts/_tree.ts";

Deno.test("a screen becomes a picture: what has a colour stands in its column", () => {
  const lines = picture(["\x1b[1ma<b\x1b[0m", "127.0.0.1  \x1b[31mDOWN\x1b[0m  1", ""]).split("\n");
  assertEquals(lines.filter((line) => line.startsWith("<text")).slice(1), [
    '<text class="c1" x="14" y="45" textLength="24">a&lt;b</text>',
    '<text class="c0" x="14" y="63" textLength="88">127.0.0.1  </text>',
    '<text class="c31" x="102" y="63" textLength="32">DOWN</text>',
    '<text class="c0" x="134" y="63" textLength="24">  1</text>',
  ]);
});

Deno.test("the picture of the README shows a client that is down", async () => {
  assertMatch(await Deno.readTextFile(new URL("docs/watch.svg", ROOT)), />DOWN</);
});

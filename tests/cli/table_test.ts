import { assertEquals } from "@std/assert";
import { bar, layOut, redraw } from "../../cli/_table.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("columns are as wide as their widest cell", () => {
  assertEquals(layOut([["client", "state"], ["a", "up"]]), ["client  state", "a       up"]);
});

pure("a bar shows a share and stays within its width", () => {
  assertEquals([-1, 0, 0.5, 1, 7].map((share) => bar(share, 4)), [
    "....",
    "....",
    "##..",
    "####",
    "####",
  ]);
});

pure("a redraw goes up over the old lines and cuts what would wrap", () => {
  assertEquals(redraw(["abcdef"], 0, 4), "\x1b[2Kabcd\n\x1b[J");
  assertEquals(redraw(["ab"], 2, 4), "\x1b[2A\x1b[2Kab\n\x1b[J");
});

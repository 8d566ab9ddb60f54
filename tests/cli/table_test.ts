import { assert, assertEquals } from "@std/assert";
import { progressLine } from "../../cli/_progress.ts";
import { fitting } from "../../cli/_screen.ts";
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

pure("no terminal is too small for a progress line, which leaves its last column free", () => {
  for (let columns = 1; columns <= 80; columns++) {
    for (const count of [0, 999, 65_535]) {
      const line = progressLine(count, 65_535, columns);
      assert(line.length < columns, `${line} on ${columns} columns`);
    }
  }
  assertEquals(progressLine(500, 1_000, 60), `${"#".repeat(15)}${".".repeat(15)} 50 % 500 of 1000`);
  assertEquals(progressLine(500, 1_000, 30), "######...... 50 % 500 of 1000");
  assertEquals(progressLine(500, 1_000, 20), "50 % 500 of 1000");
});

pure("a table that is drawn over itself is never higher than the terminal", () => {
  const table = ["heads", "a", "b"];
  const said = Array.from({ length: 20 }, (_, index) => `line ${index}`);
  for (let rows = 1; rows < 40; rows++) {
    const lines = fitting(table, said, rows);
    assert(lines.length <= Math.max(1, rows - 1), `${lines.length} lines on ${rows} rows`);
  }
  assertEquals(fitting(table, said, 7), ["heads", "a", "b", "", "line 18", "line 19"]);
  assertEquals(fitting(table, said, 5), table);
  assertEquals(fitting(table, [], 24), [...table, ""]);
});

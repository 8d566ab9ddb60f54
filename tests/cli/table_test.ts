import { assert, assertEquals } from "@std/assert";
import { progressLine } from "../../cli/lines/progress.ts";
import { bar, layOut } from "../../cli/tables/table.ts";

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

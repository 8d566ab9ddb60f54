import { assertEquals, assertStrictEquals } from "@std/assert";
import { Cells, CellTable } from "../../core/cells.ts";

Deno.test("a cell is a double and four counters", { permissions: "none" }, () => {
  const { doubles, shorts } = new Cells(3);
  assertEquals([...doubles], [0, 0, 0]);
  shorts.fill(65_535, 4, 8);
  doubles[2] = 0.5;
  assertEquals([doubles[0], doubles[1], doubles[2]], [0, NaN, 0.5]);
  assertEquals([...shorts.subarray(4, 8)], [65_535, 65_535, 65_535, 65_535]);
});

Deno.test("rows lie apart, and none moves when the table grows", { permissions: "none" }, () => {
  const table = new CellTable(3);
  const first = table.page(0);
  // From the end, as after a queue of deadlines has given back its first places.
  for (let row = 299; row >= 0; row--) {
    for (let cell = 0; cell < 3; cell++) {
      assertEquals(table.page(row).doubles[table.at(row) + cell], 0);
      table.page(row).doubles[table.at(row) + cell] = 3 * row + cell;
    }
  }
  for (let row = 0; row < 300; row++) {
    for (let cell = 0; cell < 3; cell++) {
      assertEquals(table.page(row).doubles[table.at(row) + cell], 3 * row + cell);
    }
  }
  assertStrictEquals(table.page(0), first);
});

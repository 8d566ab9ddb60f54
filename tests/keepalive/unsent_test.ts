import { assertEquals } from "@std/assert";
import { Unsent } from "../../keepalive/unsent.ts";

Deno.test("bytes are taken in the order in which they were sent, and counted by kind", {
  permissions: "none",
}, () => {
  const unsent = new Unsent();
  for (const [kind, length] of [["data", 5], ["data", 3], ["answer", 2], ["data", 4]] as const) {
    unsent.put(kind, length);
  }
  /** Each row: so many are left, of data, of answers. */
  for (const row of [[14, 12, 2], [13, 11, 2], [5, 4, 1], [3, 3, 0], [3, 3, 0], [0, 0, 0]]) {
    unsent.left(row[0]!);
    assertEquals([unsent.length, unsent.of.data, unsent.of.answer], row);
  }
  unsent.put("answer", 1);
  assertEquals(unsent.length, 1);
});

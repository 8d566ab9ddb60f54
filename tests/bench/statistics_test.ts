import { assertEquals } from "@std/assert";
import { latenessOf, ratioOf } from "../../bench/harness/statistics.ts";

Deno.test("lateness is told by its middle, its 99th percentile and the latest", () => {
  const late = Array.from({ length: 200 }, (_, i) => 200 - i);
  assertEquals(latenessOf(late), { count: 200, p50: 100, p99: 198, most: 200 });
  assertEquals(latenessOf([-0.5]), { count: 1, p50: -0.5, p99: -0.5, most: -0.5 });
  assertEquals(latenessOf([]), { count: 0, p50: 0, p99: 0, most: 0 });
});

Deno.test("a ratio is that of two sides in the same round", () => {
  assertEquals(ratioOf([1, 6, 8], [2, 2, 8]), { median: 1, min: 0.5, max: 3 });
});

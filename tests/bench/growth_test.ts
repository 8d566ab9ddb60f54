import { assertEquals } from "@std/assert";
import { pointOf, resultsOf } from "../../bench/harness/growth.ts";
import { plot } from "../../bench/harness/plot.ts";

const late = { p99: 3, most: 4 };

function reading(cpu: number, memory: number) {
  return { cpu, busy: cpu / 2, memory, late };
}

Deno.test({
  name: "a point is the median of its readings, and the latest alarm of all",
  permissions: "none",
  fn() {
    const readings = [
      reading(9, 90),
      { ...reading(7, 70), late: { p99: 1, most: 8 } },
      reading(8, 80),
    ];
    const { cpu, busy, memory, late, latest } = pointOf(100, readings);
    assertEquals(
      [cpu.median, busy.median, memory.median, late.median, latest],
      [8, 4, 80, 3, 8],
    );
  },
});

Deno.test({
  name: "a curve is flat if its end is no more than a fifth above its beginning",
  permissions: "none",
  fn() {
    const results = resultsOf("UDP", [
      pointOf(100, [reading(10, 100)]),
      pointOf(1_000, [reading(20, 200)]),
      pointOf(10_000, [reading(12, 121)]),
    ]);
    assertEquals(results.map(({ met }) => met), [true, true, false]);
  },
});

Deno.test({
  name: "a plot has a mark for each point in each panel",
  permissions: "none",
  fn() {
    const points = [pointOf(100, [reading(10, 100)]), pointOf(1_000, [reading(11, 101)])];
    assertEquals(plot("UDP", points, 0.2).match(/<circle /g)?.length, 8);
  },
});

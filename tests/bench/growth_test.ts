import { assertEquals } from "@std/assert";
import { type Point, pointOf, resultsOf } from "../../bench/harness/growth.ts";
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
      [cpu.median, busy?.median, memory.median, late.median, latest],
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
  name: "what was not measured is no line of the table",
  permissions: "none",
  fn() {
    const points = [pointOf(100, [{ cpu: 10, memory: 100, late }])];
    assertEquals(resultsOf("TCP", points).map(({ work }) => work), [
      "TCP growth: CPU per message with 100 clients",
      "TCP growth: memory per client with 100 clients",
    ]);
  },
});

Deno.test({
  name: "a plot has a mark for each point in each panel",
  permissions: "none",
  fn() {
    const points = [pointOf(100, [reading(10, 100)]), pointOf(1_000, [reading(11, 101)])];
    const curve = { title: "CPU", unit: "us", digits: 1, at: ({ cpu }: Point) => cpu };
    const picture = plot("CPU", points, [curve, { ...curve, flat: 0.2 }]);
    assertEquals(picture.match(/<circle /g)?.length, 4);
    assertEquals(picture.match(/class="band"/g)?.length, 1);
  },
});

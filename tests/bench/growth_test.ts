import { assertEquals } from "@std/assert";
import { pointOf, resultsOf } from "../../bench/growth/curves.ts";
import { plot } from "../../bench/growth/plot.ts";

function reading(cpu: number, memory: number) {
  const bare = { bareCpu: cpu / 4, bareBusy: cpu / 8 };
  return { cpu, busy: cpu / 2, ...bare, memory, late: 3, latest: 4 };
}

Deno.test({
  name: "a point is the spread of its readings",
  permissions: "none",
  fn() {
    const readings = [reading(9, 90), { ...reading(7, 70), late: 1, latest: 8 }, reading(8, 80)];
    const { cpu, busy, bareCpu, bareBusy, memory, late, latest } = pointOf(100, readings);
    assertEquals([cpu?.median, busy?.median], [8, 4]);
    assertEquals([bareCpu?.median, bareBusy?.median], [2, 1]);
    assertEquals([memory?.median, late?.median, latest?.max], [80, 3, 8]);
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
  name: "what a bare loop takes more stands beside what the library takes more",
  permissions: "none",
  fn() {
    const [cpu] = resultsOf("UDP", [
      pointOf(100, [reading(10, 100)]),
      pointOf(1_000, [{ ...reading(20, 100), bareCpu: 3.5, bareBusy: 1 }]),
    ]);
    assertEquals(cpu?.notes, [
      "CPU per message, the floor being that with 100 clients: 100 10.0 us, 1,000 20.0 us; that of a loop " +
      "that only receives 1.40 x: 100 2.5 us, 1,000 3.5 us",
    ]);
  },
});

Deno.test({
  name: "what was not measured is no line of the table",
  permissions: "none",
  fn() {
    const points = [pointOf(100, [{ cpu: 10, bareCpu: 5, memory: 100, late: 3 }])];
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
    const curve = { title: "CPU", unit: "us", digits: 1, of: "cpu" } as const;
    const picture = plot("CPU", points, [{ ...curve, bare: "bareCpu" }, { ...curve, flat: 0.2 }]);
    assertEquals(picture.match(/<circle /g)?.length, 4);
    assertEquals(picture.match(/class="band"/g)?.length, 1);
    assertEquals(picture.match(/class="bare"/g)?.length, 1);
  },
});

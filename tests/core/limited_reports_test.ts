import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { counted, LimitedReports, rejected } from "../../core/limited_reports.ts";

const pure = (name: string, fn: () => void) => Deno.test({ name, permissions: "none", fn });

pure("the first is said at once, then the last one and how many there were", () => {
  const reports = new LimitedReports(counted<{ who: string }>);
  assertEquals(reports.count("a", { who: "x" }, 0), { who: "x", count: 1 });
  assertEquals([1, 999].map((now) => reports.count("a", { who: `y${now}` }, now)), [
    undefined,
    undefined,
  ]);
  assertEquals([reports.due, reports.flush(999)], [1_000, []]);
  assertEquals(reports.flush(1_000), [{ who: "y999", count: 2 }]);
  assertEquals([reports.due, reports.flush(9_000)], [undefined, []]);
});

pure("a flush is a report, so that the next one waits an interval too", () => {
  const reports = new LimitedReports((_: number, count) => count);
  assertEquals([0, 1].map((now) => reports.count("a", 0, now)), [1, undefined]);
  assertEquals(reports.flush(1_000), [1]);
  assertEquals([1_999, 2_000].map((now) => reports.count("a", 0, now)), [undefined, 2]);
});

pure("each reason is held back by itself, and the earliest is due", () => {
  const from = { hostname: "10.0.0.7", port: 5001 };
  const reports = new LimitedReports(rejected<"malformed" | "too-long">);
  assertEquals(reports.due, undefined);
  assertEquals(reports.count("too-long", from, 0), {
    type: "rejected",
    reason: "too-long",
    from: "10.0.0.7:5001",
    count: 1,
  });
  assertEquals(reports.count("malformed", from, 400)?.count, 1);
  assertEquals(reports.due, undefined);
  reports.count("malformed", from, 500);
  assertEquals(reports.due, 1_400);
  reports.count("too-long", from, 600);
  reports.count("too-long", from, 700);
  assertEquals(reports.due, 1_000);
  assertEquals(reports.flush(1_000).map(({ reason, count }) => [reason, count]), [["too-long", 2]]);
  assertEquals(reports.due, 1_400);
  assertEquals(reports.totals(), { "too-long": 3, malformed: 2 });
});

pure("all are reported in the end, and never two of a kind in an interval", () => {
  const step = fc.record({ pause: fc.nat(400), kind: fc.constantFrom("a", "b") });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const reports = new LimitedReports((_: undefined, count, kind) => ({ kind, count }));
    const last = new Map<string, number>();
    let now = 0, total = 0;
    for (const { pause, kind } of steps) {
      now += pause;
      const report = reports.count(kind, undefined, now);
      if (!report) continue;
      assertEquals(now - (last.get(kind) ?? -Infinity) >= 1_000, true);
      last.set(kind, now);
      total += report.count;
    }
    const rest = reports.flush(now + 1_000).reduce((sum, { count }) => sum + count, 0);
    assertEquals(total + rest, steps.length);
  }));
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ReportLimit } from "../../core/report_limit.ts";

Deno.test("the first occurrence is reported at once", { permissions: "none" }, () => {
  assertEquals(new ReportLimit(1_000).count(0), 1);
});

Deno.test("what is held back is reported with the first one after the interval", {
  permissions: "none",
}, () => {
  const limit = new ReportLimit(1_000);
  const reported = [0, 1, 999, 1_000, 1_001].map((now) => limit.count(now));
  assertEquals(reported, [1, 0, 0, 3, 0]);
});

Deno.test("what is held back can be flushed when it is due, once", { permissions: "none" }, () => {
  const limit = new ReportLimit(1_000);
  limit.count(0);
  assertEquals([limit.due, limit.flush(2_000)], [undefined, 0]);
  limit.count(500);
  assertEquals([limit.due, limit.flush(999), limit.flush(1_000)], [1_000, 0, 1]);
  assertEquals([limit.due, limit.flush(5_000)], [undefined, 0]);
});

Deno.test("a flush is a report, so the next one waits an interval too", {
  permissions: "none",
}, () => {
  const limit = new ReportLimit(1_000);
  limit.count(0);
  limit.count(1);
  assertEquals([limit.flush(1_000), limit.count(1_999), limit.count(2_000)], [1, 0, 2]);
});

Deno.test("every occurrence is reported in the end, and never two reports in an interval", {
  permissions: "none",
}, () => {
  fc.assert(fc.property(fc.array(fc.nat(400)), (steps) => {
    const limit = new ReportLimit(1_000);
    let now = 0, total = 0, last = -Infinity;
    for (const step of steps) {
      now += step;
      const reported = limit.count(now);
      if (reported === 0) continue;
      assertEquals(now - last >= 1_000, true);
      last = now;
      total += reported;
    }
    assertEquals(total + limit.flush(now + 1_000), steps.length);
  }));
});

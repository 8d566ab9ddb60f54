import { assertEquals } from "@std/assert";
import { LimitedReport } from "../../core/limited_report.ts";

Deno.test("what is said is the last one and how many there were", { permissions: "none" }, () => {
  const report = new LimitedReport<{ who: string }>();
  assertEquals(report.count({ who: "a" }, 0), [{ who: "a", count: 1 }]);
  assertEquals([report.count({ who: "b" }, 1), report.count({ who: "c" }, 999)], [[], []]);
  assertEquals([report.due, report.flush(999)], [1_000, []]);
  assertEquals(report.flush(1_000), [{ who: "c", count: 2 }]);
  assertEquals([report.due, report.flush(9_000)], [undefined, []]);
});

import { assertEquals } from "@std/assert";
import { LatenessLog } from "../../bench/harness/lateness.ts";

Deno.test({
  name: "a log of lateness tells what came since it was last asked",
  permissions: "none",
  fn() {
    const log = new LatenessLog();
    for (let ms = 200; ms >= 1; ms--) log.add(ms);
    assertEquals(log.take(), { count: 200, p50: 100, p99: 198, most: 200 });
    log.add(-0.5);
    assertEquals(log.take(), { count: 1, p50: -0.5, p99: -0.5, most: -0.5 });
    assertEquals(log.take(), { count: 0, p50: 0, p99: 0, most: 0 });
  },
});

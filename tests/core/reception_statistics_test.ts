import { assertAlmostEquals, assertEquals } from "@std/assert";
import { ReceptionStatistics } from "../../core/reception_statistics.ts";

const HOUR = 3_600_000;

Deno.test("zeros are reported as long as nothing was received", { permissions: "none" }, () => {
  assertEquals(new ReceptionStatistics().report(), {
    received: 0,
    expected: 0,
    loss: 0,
    duplicates: 0,
    reordered: 0,
    gaps: 0,
    late: 0,
    jitter: 0,
    delay: { last: 0, p50: 0, p99: 0, max: 0 },
    offset: 0,
  });
});

Deno.test("one message in four lost, one repeated, two swapped", { permissions: "none" }, () => {
  const reception = new ReceptionStatistics();
  const arrivals = [1, 2, 2, 5, 4, 7, 8].map((n) =>
    reception.observe(n, n * 100, n * 100 + 4, n * 100)
  );
  assertEquals(arrivals, ["next", "next", "duplicate", "gap", "reordered", "gap", "next"]);
  const { received, expected, loss, duplicates, reordered, gaps } = reception.report();
  assertEquals([received, expected, loss, duplicates, reordered, gaps], [6, 8, 0.25, 1, 1, 2]);
});

Deno.test("jitter is that of RFC 3550: a sixteenth of each change of transit", {
  permissions: "none",
}, () => {
  const reception = new ReceptionStatistics();
  let expected = 0;
  [20, 36, 36, 20].forEach((transit, i, all) => {
    reception.observe(i, i * 1_000, i * 1_000 + transit, i * 1_000 + transit);
    if (i > 0) expected += (Math.abs(transit - all[i - 1]!) - expected) / 16;
    assertAlmostEquals(reception.report().jitter, expected, 1e-9);
  });
  assertAlmostEquals(expected, 1.8789, 0.001);
});

Deno.test("the delay is what a message took beyond the fastest, and the offset is the rest", {
  permissions: "none",
}, () => {
  const reception = new ReceptionStatistics();
  for (let n = 0; n < 100; n++) {
    const now = n * 1_000;
    reception.observe(n, now, now + HOUR + 5 + (n % 10), now);
    assertEquals(reception.lastDelay, n % 10);
  }
  const { delay, offset } = reception.report();
  assertAlmostEquals(delay.p50, 4, 0.6);
  assertEquals([delay.max, offset], [9, HOUR + 5]);
});

Deno.test("messages held back are counted and spoil neither jitter nor delay", {
  permissions: "none",
}, () => {
  const reception = new ReceptionStatistics();
  let number = 0;
  const live = (now: number) => reception.observe(number++, now, now + 5, now);
  for (let now = 0; now <= 60_000; now += 1_000) live(now);
  for (let i = 0; i < 30; i++) {
    reception.observe(number++, 61_000 + i * 1_000, 91_000 + i, 91_000 + i);
    assertEquals(reception.lastWasLate, true);
  }
  for (let now = 92_000; now <= 120_000; now += 1_000) live(now);
  const { late, loss, delay, jitter } = reception.report();
  assertEquals([late, loss, delay.max, jitter], [30, 0, 0, 0]);
});

for (const step of [HOUR, -HOUR]) {
  Deno.test(`a wall clock that steps by ${step} ms spoils neither jitter nor delay`, {
    permissions: "none",
  }, () => {
    const reception = new ReceptionStatistics();
    for (let n = 0; n < 120; n++) {
      const now = n * 1_000;
      reception.observe(n, now, now + 5 + (n < 60 ? 0 : step), now);
    }
    const { late, delay, jitter, offset } = reception.report();
    assertEquals([late, delay.max, jitter, offset], [step > 0 ? 1 : 0, 0, 0, 5 + step]);
  });
}

Deno.test("after a restart of the sender nothing counts as lost", { permissions: "none" }, () => {
  const reception = new ReceptionStatistics();
  for (const n of [8, 9]) reception.observe(n, n, n, n);
  reception.restart();
  for (const n of [0, 1]) reception.observe(n, 10 + n, 10 + n, 10 + n);
  assertEquals([reception.report().received, reception.report().loss], [4, 0]);
});

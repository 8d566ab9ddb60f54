import { assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Quantiles } from "../../core/quantiles.ts";

/** What the class promises: 13 % of the truth, or 0.01 ms where that is more. */
function tolerance(exact: number): number {
  return Math.max(exact * 0.13, 0.01);
}

Deno.test("no value has no quantile", { permissions: "none" }, () => {
  const delays = new Quantiles();
  assertEquals([delays.at(0.5), delays.max], [undefined, 0]);
});

for (const ms of [0, 0.004, 0.01, 0.039, 0.04, 0.3, 1, 7.9, 8, 250, 99_999, 100_000]) {
  Deno.test(`${ms} ms alone is every quantile`, { permissions: "none" }, () => {
    const delays = new Quantiles();
    delays.add(ms);
    for (const q of [0, 0.5, 0.99, 1]) assertAlmostEquals(delays.at(q)!, ms, tolerance(ms));
    assertEquals(delays.max, ms);
  });
}

Deno.test("quantiles of any values are within 13 % of the exact ones", {
  permissions: "none",
}, () => {
  // Even over the orders of magnitude and not over the values, which would all be large.
  const delay = fc.double({ min: -2, max: 5, noNaN: true }).map((exponent) => 10 ** exponent);
  const share = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(fc.array(delay, { minLength: 1, maxLength: 200 }), share, (values, q) => {
      const delays = new Quantiles();
      for (const value of values) delays.add(value);
      const sorted = values.toSorted((a, b) => a - b);
      const exact = sorted[Math.max(1, Math.ceil(q * sorted.length)) - 1]!;
      assertAlmostEquals(delays.at(q)!, exact, tolerance(exact));
      assertEquals(delays.max, sorted.at(-1));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("a negative delay counts as none, one beyond the scale as the longest", {
  permissions: "none",
}, () => {
  const delays = new Quantiles();
  delays.add(-5);
  assertAlmostEquals(delays.at(1)!, 0, 0.01);
  delays.add(3_600_000);
  assertAlmostEquals(delays.at(1)!, 100_000, 13_000);
  assertEquals(delays.max, 3_600_000);
});

Deno.test("old values fade: after a change the new ones decide", { permissions: "none" }, () => {
  const delays = new Quantiles();
  for (let i = 0; i < 60_000; i++) delays.add(1);
  for (let i = 0; i < 40_000; i++) delays.add(100);
  assertAlmostEquals(delays.at(0.5)!, 100, 13);
});

Deno.test("a million equal values overflow no counter", { permissions: "none" }, () => {
  const delays = new Quantiles();
  for (let i = 0; i < 1_000_000; i++) delays.add(10);
  delays.add(1_000);
  for (const q of [0, 0.5, 0.99]) assertAlmostEquals(delays.at(q)!, 10, 1.3);
});

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { fullJitter } from "../../core/backoff.ts";
import { seededRandom } from "../support/random.ts";

const CEILINGS: [attempt: number, ceiling: number][] = [
  [0, 250],
  [1, 500],
  [2, 1_000],
  [3, 2_000],
  [4, 4_000],
  [5, 5_000],
  [6, 5_000],
  [5_000, 5_000],
];

for (const [attempt, ceiling] of CEILINGS) {
  Deno.test(`after ${attempt} failures the wait stays below ${ceiling} ms`, {
    permissions: "none",
  }, () => {
    assertEquals(fullJitter(attempt, () => 0), 0);
    assertEquals(fullJitter(attempt, () => 0.5), ceiling / 2);
  });
}

Deno.test("base and cap shape the waits", { permissions: "none" }, () => {
  const options = { base: 10, cap: 35 };
  assertEquals([0, 1, 2].map((n) => fullJitter(n, () => 0.5, options)), [5, 10, 17.5]);
});

Deno.test("a wait is never negative and never above the cap", { permissions: "none" }, () => {
  const arbitraries = [fc.nat(), fc.nat(), fc.integer({ min: 1, max: 10_000 })] as const;
  fc.assert(fc.property(...arbitraries, (seed, attempt, cap) => {
    const wait = fullJitter(attempt, seededRandom(seed), { cap });
    assert(wait >= 0 && wait < cap, `${wait}`);
  }));
});

Deno.test("clients that failed together come back spread over the whole range", {
  permissions: "none",
}, () => {
  const random = seededRandom(1);
  const tenths = new Array<number>(10).fill(0);
  for (let client = 0; client < 10_000; client++) {
    tenths[Math.floor(fullJitter(9, random) / 500)]!++;
  }
  for (const count of tenths) assert(Math.abs(count - 1_000) < 150, `${tenths}`);
});

import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Arrival, SequenceWindow } from "../../core/sequence_window.ts";

interface Case {
  name: string;
  numbers: number[];
  arrivals: Arrival[];
  counts: Partial<Counts>;
}

type Counts = Pick<
  SequenceWindow,
  "received" | "expected" | "lost" | "duplicates" | "reordered" | "gaps"
>;

const CASES: Case[] = [
  {
    name: "in turn",
    numbers: [1, 2, 3],
    arrivals: ["next", "next", "next"],
    counts: { received: 3, expected: 3, lost: 0, gaps: 0 },
  },
  {
    name: "starting anywhere, so that what came before is not lost",
    numbers: [1_000_000],
    arrivals: ["next"],
    counts: { received: 1, expected: 1 },
  },
  {
    name: "two missing in one gap",
    numbers: [1, 4],
    arrivals: ["next", "gap"],
    counts: { received: 2, expected: 4, lost: 2, gaps: 1 },
  },
  {
    name: "overtaken",
    numbers: [1, 3, 2],
    arrivals: ["next", "gap", "reordered"],
    counts: { lost: 0, reordered: 1, gaps: 1 },
  },
  {
    name: "the first one overtaken",
    numbers: [2, 1, 3],
    arrivals: ["next", "reordered", "next"],
    counts: { received: 3, expected: 3, lost: 0, reordered: 1 },
  },
  {
    name: "repeated at once and later",
    numbers: [1, 1, 2, 1],
    arrivals: ["next", "duplicate", "next", "duplicate"],
    counts: { received: 2, expected: 2, duplicates: 2 },
  },
  {
    name: "31 back can still be told",
    numbers: [1, 33, 2, 2],
    arrivals: ["next", "gap", "reordered", "duplicate"],
    counts: { received: 3, lost: 30 },
  },
  {
    name: "32 back is too far to tell",
    numbers: [1, 34, 2],
    arrivals: ["next", "gap", "stale"],
    counts: { received: 2, lost: 32, duplicates: 1 },
  },
  {
    name: "a jump over everything",
    numbers: [0, 2 ** 40, 2 ** 40 + 1, 2 ** 40],
    arrivals: ["next", "gap", "next", "duplicate"],
    counts: { received: 3, lost: 2 ** 40 - 1, gaps: 1 },
  },
];

for (const { name, numbers, arrivals, counts } of CASES) {
  Deno.test(`sequence: ${name}`, { permissions: "none" }, () => {
    const window = new SequenceWindow();
    assertEquals(numbers.map((number) => window.observe(number)), arrivals);
    assertEquals(countsOf(window), { ...countsOf(window), ...counts });
  });
}

Deno.test("sequence: after a restart the count begins anew and the sums go on", {
  permissions: "none",
}, () => {
  const window = new SequenceWindow();
  for (const number of [5, 6, 8]) window.observe(number);
  window.restart();
  assertEquals([window.expected, window.received, window.lost], [4, 3, 1]);
  assertEquals([1, 2, 4].map((number) => window.observe(number)), ["next", "next", "gap"]);
  assertEquals([window.expected, window.received, window.lost], [8, 6, 2]);
});

Deno.test("sequence: any order agrees with the set of all numbers seen", {
  permissions: "none",
}, () => {
  // Mostly ahead by a little, sometimes back, sometimes far: like a bad network.
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 3, arbitrary: fc.integer({ min: -40, max: 0 }) },
    fc.integer({ min: 0, max: 100 }),
  );
  fc.assert(
    fc.property(fc.nat(50), fc.array(step, { maxLength: 100 }), (first, steps) => {
      const window = new SequenceWindow();
      const seen = new Set<number>();
      let highest = first;
      for (const step of [0, ...steps]) {
        const number = Math.max(0, highest + step);
        const expected = arrivalOf(number, seen, seen.size === 0 ? number - 1 : highest);
        assertEquals(window.observe(number), expected);
        if (expected !== "stale") seen.add(number);
        highest = Math.max(highest, number);
      }
      assertEquals(window.received, seen.size);
      assertEquals(window.expected, highest - Math.min(...seen) + 1);
      assertEquals(window.duplicates, steps.length + 1 - seen.size);
    }),
    { numRuns: 500 },
  );
});

function arrivalOf(number: number, seen: Set<number>, highest: number): Arrival {
  if (number === highest + 1) return "next";
  if (number > highest) return "gap";
  if (number <= highest - 32) return "stale";
  return seen.has(number) ? "duplicate" : "reordered";
}

function countsOf({ received, expected, lost, duplicates, reordered, gaps }: Counts): Counts {
  return { received, expected, lost, duplicates, reordered, gaps };
}

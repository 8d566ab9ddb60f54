import { assertAlmostEquals, assertEquals } from "@std/assert";
import { type LinkFaults, LossyLink } from "../support/lossy_link.ts";
import { seededRandom } from "../support/random.ts";

/** Sends 0, 1, 2, ... one a millisecond; returns what arrives, and when. */
function arrivals(faults: LinkFaults, { seed = 1, count = 100_000 } = {}) {
  const link = new LossyLink<number>(faults, seededRandom(seed));
  const arrived: [now: number, message: number][] = [];
  for (let now = 0; now < count; now++) {
    link.handle(now, now);
    for (const message of link.tick(now)) arrived.push([now, message]);
  }
  return { arrived, counts: link.counts };
}

Deno.test("a link without faults delivers everything at once and in order", {
  permissions: "none",
}, () => {
  const { arrived, counts } = arrivals({}, { count: 1_000 });
  assertEquals(arrived, Array.from({ length: 1_000 }, (_, i) => [i, i] as [number, number]));
  assertEquals(counts, { sent: 1_000, lost: 0, doubled: 0 });
});

Deno.test("a link loses and doubles the shares it was asked to", { permissions: "none" }, () => {
  const { arrived, counts } = arrivals({ loss: 0.2, duplication: 0.1 });
  assertAlmostEquals(counts.lost / counts.sent, 0.2, 0.01);
  assertAlmostEquals(counts.doubled / (counts.sent - counts.lost), 0.1, 0.01);
  assertEquals(arrived.length, counts.sent - counts.lost + counts.doubled);
});

Deno.test("outages take their share of time, in runs of their length", {
  permissions: "none",
}, () => {
  const { arrived, counts } = arrivals({ outages: { share: 0.1, length: 50 } });
  assertAlmostEquals(counts.lost / counts.sent, 0.1, 0.03);
  const runs = arrived.filter(([now], i) => now - (arrived[i - 1]?.[0] ?? now) > 1).length;
  assertAlmostEquals(counts.lost / runs, 50, 10);
});

Deno.test("jitter delays within its bounds and lets neighbours overtake", {
  permissions: "none",
}, () => {
  const { arrived } = arrivals({ delay: 20, jitter: 10 });
  for (const [now, sent] of arrived) assertEquals(now - sent >= 20 && now - sent <= 31, true);
  const overtaken = arrived.filter(([, message], i) => message < (arrived[i - 1]?.[1] ?? 0));
  assertEquals(overtaken.length > 10_000, true);
});

Deno.test("the same seed makes the same faults, another seed makes others", {
  permissions: "none",
}, () => {
  const faults = { loss: 0.1, outages: { share: 0.05, length: 20 }, duplication: 0.1, jitter: 9 };
  const [one, same] = [1, 1].map((seed) => arrivals(faults, { seed, count: 1_000 }));
  assertEquals(one, same);
  assertEquals(one!.arrived.length === arrivals(faults, { seed: 2 }).arrived.length, false);
});

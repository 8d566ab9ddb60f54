// What may be under way: latency has room for what a fast way carries, a buffer has little, and all
// directions together are bounded.

import { assert, assertEquals } from "@std/assert";
import { DelayQueue, SharedRoom } from "../../proxy/delay_queue.ts";
import type { DirectionFaults } from "../../proxy/faults.ts";
import { seededRandom } from "../support/random.ts";

const KIB = 1_024;
const MIB = 1_024 * KIB;

/** Defines a pure test. */
function test(name: string, fn: () => void): void {
  Deno.test({ name, permissions: "none", fn });
}

/** How many bytes fit, in pieces of 64 KiB. */
function fits(queue: DelayQueue<number>): number {
  let held = 0;
  for (; !queue.exceeds(0); held += 64 * KIB) queue.put(held, 64 * KIB, 1_000);
  return held;
}

/** Each row: the faults, and how many bytes may be held at least and at most. */
const ROOMS: readonly (readonly [string, DirectionFaults, number, number])[] = [
  ["no fault", {}, 256 * KIB, 320 * KIB],
  ["a latency", { latency: 1 }, 15 * MIB, 17 * MIB],
  ["a jitter", { jitter: 1 }, 15 * MIB, 17 * MIB],
  ["a bandwidth", { bandwidth: 1_000_000 }, 256 * KIB, 320 * KIB],
  [
    "a latency behind a bandwidth",
    { latency: 1_000, bandwidth: 1_000_000 },
    1_200_000,
    1_350_000,
  ],
  [
    "a latency behind a very large bandwidth",
    { latency: 60_000, bandwidth: 1e9 },
    15 * MIB,
    17 * MIB,
  ],
  ["a latency of slices", { latency: 100, slice: 10 }, 256 * KIB, 320 * KIB],
  ["a latency and a blackhole", { latency: 100, blackhole: true }, 256 * KIB, 320 * KIB],
];

for (const [name, faults, least, most] of ROOMS) {
  test(`${name}: room for ${least} to ${most} bytes`, () => {
    const queue = new DelayQueue<number>(new SharedRoom());
    queue.set(faults);
    const held = fits(queue);
    assert(held >= least && held <= most, `${held}`);
  });
}

test("all directions together are bounded, and each still has its own room", () => {
  const shared = new SharedRoom();
  const queues = Array.from({ length: 40 }, () => new DelayQueue<number>(shared));
  const held = queues.map((queue) => {
    queue.set({ latency: 200 });
    return fits(queue);
  });
  assert(shared.held < 290 * MIB, `${shared.held}`);
  assert(held[0]! > 15 * MIB && held[39]! >= 256 * KIB && held[39]! <= 320 * KIB, `${held}`);
  queues[0]!.clear();
  assert(!queues[39]!.exceeds(0), "what a link held that is gone is for others");
  for (const queue of queues) queue.clear();
  assertEquals(shared.held, 0);
});

test("items come out when they are due, and those of one instant in the order they came", () => {
  const random = seededRandom(7);
  const queue = new DelayQueue<readonly [due: number, number: number]>(new SharedRoom());
  const given: (readonly [number, number])[] = [];
  const taken: (readonly [number, number])[] = [];
  for (let now = 0; now < 200; now++) {
    for (let n = 0; n < 3; n++) {
      const item = [now + Math.floor(random() * 20), given.length] as const;
      given.push(item);
      queue.put(item, 1, item[0]);
    }
    for (let item; (item = queue.take(now));) {
      assertEquals(item[0], now);
      taken.push(item);
    }
    assert(queue.next === undefined || queue.next > now);
    assert(queue.isEmpty === (queue.last === undefined));
  }
  const due = given.filter(([at]) => at < 200).sort(([a, m], [b, n]) => a - b || m - n);
  assertEquals(taken, due);
});

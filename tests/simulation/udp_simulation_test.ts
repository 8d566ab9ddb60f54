import { assert } from "@std/assert";
import { seededRandom } from "../support/random.ts";
import { UdpWorld, type UdpWorldOptions } from "../support/udp_world.ts";

const HOUR = 3_600_000;

const WORLD: UdpWorldOptions = {
  clients: 1_000,
  period: 60_000,
  timeout: 125_000,
  grace: 500,
  link: {
    loss: 0.2,
    outages: { share: 0.05, length: 20_000 },
    duplication: 0.05,
    delay: 20,
    jitter: 400,
  },
  crashEvery: HOUR,
  restartAfter: 240_000,
  stepEvery: 2 * HOUR,
  stallEvery: 120_000,
  longestStall: 20_000,
};

/** Runs a world; a failure names the seed that repeats it. */
function run(options: UdpWorldOptions, seed: number, end: number): UdpWorld["counts"] {
  const world = new UdpWorld(options, seededRandom(seed));
  try {
    world.run(end);
  } catch (error) {
    throw new Error(`Seed ${seed}: ${(error as Error).message}`, { cause: error });
  }
  return world.counts;
}

Deno.test("a thousand clients for three hours: no false alarm, none missed, none twice", {
  permissions: "none",
}, () => {
  const counts = run(WORLD, 1, 3 * HOUR);
  assert(counts.datagrams > 1_000_000, JSON.stringify(counts));
  assert(counts.alarms > 1_000 && counts.recoveries > 1_000, JSON.stringify(counts));
  assert(counts.steps > 1_000 && counts.stalls > 50, JSON.stringify(counts));
});

Deno.test("many small worlds: a link so bad that clients are often silent for too long", {
  permissions: "none",
}, () => {
  const bad = { ...WORLD.link, loss: 0.7, outages: { share: 0.4, length: 60_000 } };
  const options = { ...WORLD, clients: 10, link: bad, stallEvery: 20_000 };
  for (let seed = 1; seed <= 40; seed++) {
    const { alarms, recoveries } = run(options, seed, HOUR);
    assert(alarms > 10 && recoveries > 10, `Seed ${seed}: too quiet`);
  }
});

Deno.test("field note: a stalled event loop or a suspended machine declares nobody dead", {
  permissions: "none",
}, () => {
  const calm = { link: {}, crashEvery: Infinity, stepEvery: 60_000 };
  const often = { stallEvery: 10_000, longestStall: 60_000 };
  const options = { ...WORLD, clients: 100, period: 1_000, timeout: 3_000, ...calm, ...often };
  const counts = run(options, 1, HOUR / 4);
  assert(counts.stalls > 10 && counts.alarms === 0, JSON.stringify(counts));
});

/**
 * The scenarios, shortly; for long: `deno task simulate`.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { planOf, play, report, type Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { shrink } from "./shrink.ts";

/** The same in every run, so that a change is judged and not luck; `deno task simulate` draws new ones. */
const SEEDS = [1, 2, 3, 55];

for (const scenario of SCENARIOS) {
  Deno.test(`${scenario.name}: every invariant holds, whatever goes wrong`, {
    permissions: "none",
  }, () => {
    for (const seed of SEEDS) run(scenario, { seed, hours: 1 });
  });

  Deno.test(`${scenario.name}: the same seed is the same run, another seed another`, {
    permissions: "none",
  }, () => {
    const hashes = [7, 7, 8].map((seed) => {
      return run(scenario, { seed, hours: 0.5, clients: 3 }).hash;
    });
    assertEquals(hashes[0], hashes[1]);
    assert(hashes[0] !== hashes[2]);
  });
}

Deno.test("udp: nothing goes wrong on a clear day, and nobody is alarmed", {
  permissions: "none",
}, () => {
  const [udp] = SCENARIOS;
  const { figures } = run(udp!, { seed: 1, hours: 24, clients: 10, weather: "clear", kinds: [] });
  assertEquals(figures.alarms, 0);
  assertEquals(figures.read, figures.sent);
});

Deno.test("sequence: on a clear day every sequence ends in success, over one connection", {
  permissions: "none",
}, () => {
  const sequence = SCENARIOS.find(({ name }) => name === "sequence")!;
  const wish = { seed: 1, hours: 1, clients: 5, weather: "clear", kinds: [] };
  const { figures } = run(sequence, wish);
  assertEquals(figures["ended SUCCESS"], 5);
  assertEquals(figures.connections, 5);
});

Deno.test("sequence: what was found where everything is three times worse stays mended", {
  permissions: "none",
}, () => {
  const sequence = SCENARIOS.find(({ name }) => name === "sequence")!;
  for (const seed of [168, 912, 1713, 1823, 1848, 1898]) {
    run(sequence, { seed, hours: 4, worse: 3 });
  }
});

Deno.test("sequence: a store that loses its newest writes all the time ends nobody", {
  permissions: "none",
}, () => {
  const sequence = SCENARIOS.find(({ name }) => name === "sequence")!;
  const kinds = ["store-rolls-back", "reset", "cut-up", "cut-down", "half-open"];
  for (const seed of [1, 2, 3, 4]) {
    const { figures } = run(sequence, { seed, hours: 1, weather: "clear", worse: 40, kinds });
    assertEquals(figures["ended SUCCESS"], 8);
  }
});

Deno.test("handshake: half of everything lost each way, and nobody is reset by a repetition", {
  permissions: "none",
}, () => {
  const handshake = SCENARIOS.find(({ name }) => name === "handshake")!;
  const wish = { seed: 1, hours: 2, clients: 9, weather: "loss-50", kinds: [] };
  const { established, repeated } = run(handshake, wish).figures;
  assert(established! > 1_000 && repeated! > 1_000, `${established}, ${repeated}`);
});

Deno.test(
  "keepalive: ten hours on a clear day, and nobody is lost",
  { permissions: "none" },
  () => {
    const keepalive = SCENARIOS.find(({ name }) => name === "keepalive")!;
    const wish = { seed: 1, hours: 10, clients: 3, weather: "clear", kinds: [] };
    assertEquals(run(keepalive, wish).figures, { connections: 3, "ended terminated": 3 });
  },
);

/** Runs a plan; a failure is shrunk, and names the seed that repeats it. */
function run(scenario: Scenario, wish: Parameters<typeof planOf>[1]) {
  const plan = planOf(scenario, wish);
  const outcome = play(scenario, plan);
  if (outcome.violation) {
    const least = shrink(scenario, plan, outcome);
    throw new Error(report(least, play(scenario, least, { record: true })));
  }
  return outcome;
}

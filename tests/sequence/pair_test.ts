import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../support/random.ts";
import { type Cut, CUTS } from "../support/sequence_wire.ts";
import { SequenceWorld, valueAt, type WorldOptions } from "../support/sequence_world.ts";
import { assertSound } from "../support/sound_client.ts";

const PURE = { permissions: "none" } as const;
/** In virtual ms. No sequence here takes so long; one that goes on for ever fails. */
const PATIENCE = 1_200_000;

function assertWhole(world: SequenceWorld, length: number, cut?: Cut): void {
  const said = JSON.stringify([cut, ...world.clientSaid.slice(-6)]);
  assertEquals(world.clientSaid.at(-1)?.type, "done", said);
  for (const event of world.clientSaid) assertSound(event);
  assertEquals(world.received.length, length);
  world.received.forEach((value, index) => assertEquals(value, valueAt(index)));
}

async function runs(options: Omit<WorldOptions, "random"> & { seed?: number }) {
  const world = new SequenceWorld({ ...options, random: seededRandom(options.seed ?? 1) });
  await world.run(PATIENCE);
  return world;
}

Deno.test(
  "without a cut, every number arrives once over one connection, in time",
  PURE,
  async () => {
    const world = await runs({ length: 10 });
    assertWhole(world, 10);
    const done = world.clientSaid.at(-1);
    assert(done?.type === "done" && done.connections === 1 && done.repeated === 0);
    // Ten numbers at one a second and a few turns of the connection.
    assert(world.now >= 10_000 && world.now < 10_020, `took ${world.now} ms`);
  },
);

/** Every byte of a connection, and every way to cut there. */
function everyCut(said: { down: string; up: string }): Cut[] {
  const places = (["down", "up"] as const).flatMap((direction) =>
    Array.from({ length: said[direction].length + 1 }, (_, after) => ({ direction, after }))
  );
  return places.flatMap((place) =>
    CUTS.flatMap((kind) => [false, true].map((losesFlying) => ({ ...place, kind, losesFlying })))
  );
}

// One message after the other, and many at once on the way in both directions.
for (const [pace, times] of [["slow", {}], ["fast", { interval: 1, heartbeat: 3 }]] as const) {
  const title = `${pace}: cut at every byte from HELLO to FIN-ACK, the client ends in SUCCESS`;
  Deno.test(title, PURE, async () => {
    const whole = await runs({ length: 3, ...times });
    for (const cut of everyCut(whole.said[0]!)) {
      const world = await runs({ length: 3, ...times, cut: (n) => n === 0 ? cut : undefined });
      assertWhole(world, 3, cut);
      assertEquals(world.cuts, 1, JSON.stringify(cut));
    }
  });

  const again = `${pace}: FIN is lost, and the next connection cut at every byte: SUCCESS`;
  Deno.test(again, PURE, async () => {
    const uncut = await runs({ length: 3, ...times });
    const after = uncut.said[0]!.down.indexOf("FIN");
    const finLost: Cut = { direction: "down", after, kind: "reset" };
    const whole = await runs({ length: 3, ...times, cut: (n) => n === 0 ? finLost : undefined });
    for (const cut of everyCut(whole.said[1]!)) {
      const world = await runs({ length: 3, ...times, cut: (n) => [finLost, cut][n] });
      assertWhole(world, 3, cut);
      assertEquals(world.cuts, 2, JSON.stringify(cut));
    }
  });
}

for (const servers of [1, 2]) {
  const title = `thousands of random cuts, ${servers} server(s): nothing lost, repeated, reordered`;
  Deno.test(title, PURE, async () => {
    let cuts = 0;
    for (let seed = 1; seed <= 400; seed++) {
      const random = seededRandom(seed * 7919);
      const length = 20 + Math.floor(random() * 60);
      const cut = (connection: number): Cut | undefined => {
        if (connection >= 40) return undefined;
        cuts++;
        const direction = random() < 0.7 ? "down" : "up";
        // A client says little: more than a greeting and an ACK or two is hardly ever reached.
        const most = direction === "up" ? [90, 110] as const : [130, 400] as const;
        return {
          direction,
          after: Math.floor(random() * most[random() < 0.5 ? 0 : 1]),
          kind: random() < 0.9 ? "reset" : "blackhole",
        };
      };
      // The window is longer than a blackhole takes to be noticed and waited for.
      const options = { length, seed, servers, cut, interval: 100, heartbeat: 1_000 };
      assertWhole(await runs({ ...options, sessionTtl: 120_000, saves: seed % 2 === 0 }), length);
    }
    assert(cuts > 4_000, `${cuts} cuts`);
  });
}

Deno.test("a killed client goes on where its last saved state stands", PURE, async () => {
  for (let kill = 1; kill < 8_000; kill += 487) {
    const world = new SequenceWorld({ length: 8, random: seededRandom(kill), saves: true });
    await world.run(kill);
    const saved = JSON.parse(JSON.stringify(world.client.snapshot()));
    await world.restartClient(saved);
    await world.run();
    assertWhole(world, 8);
  }
});

Deno.test(
  "a killed server is continued by another on the same store, at every point",
  PURE,
  async () => {
    for (let kill = 1; kill < 8_100; kill += 119) {
      const world = new SequenceWorld({ length: 8, random: seededRandom(kill) });
      await world.run(kill);
      if (world.client.ended) break;
      world.servers.length = 0;
      world.breakLinks();
      await world.run(kill + 2_000);
      world.servers.push(world.startServer());
      await world.run();
      assertWhole(world, 8);
    }
  },
);

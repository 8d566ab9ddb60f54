import { assert, assertEquals } from "@std/assert";
import { seededRandom } from "../support/random.ts";
import { type Cut, SequenceWorld, valueAt, type WorldOptions } from "../support/sequence_world.ts";

const PURE = { permissions: "none" } as const;

function assertWhole(world: SequenceWorld, length: number): void {
  assertEquals(world.clientSaid.at(-1)?.type, "done", JSON.stringify(world.clientSaid.slice(-6)));
  assertEquals(world.received.length, length);
  world.received.forEach((value, index) => assertEquals(value, valueAt(index)));
}

async function runs(options: Omit<WorldOptions, "random"> & { seed?: number }) {
  const world = new SequenceWorld({ ...options, random: seededRandom(options.seed ?? 1) });
  await world.run();
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
    // Ten numbers at one a second and a few turns of the link.
    assert(world.now >= 10_000 && world.now < 10_020, `took ${world.now} ms`);
  },
);

Deno.test(
  "the last message is lost: cut at every byte of number, FIN and FIN-ACK",
  PURE,
  async () => {
    const whole = await runs({ length: 3 });
    const { down, up } = whole.carried[0]!;
    const cuts: Cut[] = [];
    for (const kind of ["reset", "blackhole"] as const) {
      for (let after = down - 120; after < down; after++) {
        cuts.push({
          direction: "down",
          after,
          kind,
        });
      }
      for (let after = up - 20; after < up; after++) cuts.push({ direction: "up", after, kind });
    }
    for (const cut of cuts) {
      assertWhole(await runs({ length: 3, cut: (n) => n === 0 ? cut : undefined }), 3);
    }
  },
);

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
        return {
          direction: random() < 0.7 ? "down" : "up",
          after: Math.floor(random() * (random() < 0.5 ? 130 : 400)),
          kind: random() < 0.9 ? "reset" : "blackhole",
        };
      };
      // The window is longer than a blackhole takes to be noticed and waited for.
      const options = { length, seed, servers, cut, interval: 100, heartbeat: 1_000 };
      assertWhole(await runs({ ...options, window: 120_000, saves: seed % 2 === 0 }), length);
    }
    assert(cuts > 4_000, `${cuts} cuts`);
  });
}

Deno.test("a killed client goes on where its last saved state stands", PURE, async () => {
  for (let kill = 1; kill < 8_000; kill += 487) {
    const world = new SequenceWorld({ length: 8, random: seededRandom(kill), saves: true });
    await world.run(kill);
    const saved = JSON.parse(JSON.stringify(world.client.state));
    world.received.length = saved.checksum.count;
    world.client = world.startClient(saved);
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

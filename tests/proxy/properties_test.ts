import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Faults } from "../../proxy/faults.ts";
import { ProxyStory } from "./proxy_story.ts";

/** Defines a pure test. */
function test(name: string, fn: () => void): void {
  Deno.test({ name: `proxy: ${name}`, permissions: "none", fn });
}

/** What is done to a proxy, one after the other. */
type Move =
  | { readonly send: string; readonly direction: "up" | "down" }
  | { readonly datagram: string }
  | { readonly wait: number }
  | { readonly set: Faults };

const DIRECTION = fc.constantFrom("up" as const, "down" as const);
const TEXT = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 40 });
const SHARE = fc.double({ min: 0, max: 1, noNaN: true });
const DELAYS = fc.record({
  latency: fc.nat(200),
  jitter: fc.nat(100),
  bandwidth: fc.integer({ min: 100, max: 10_000 }),
  slice: fc.integer({ min: 1, max: 9 }),
  blackhole: fc.boolean(),
}, { requiredKeys: [] });
const FAULTS = fc.record({
  up: DELAYS,
  cutLines: fc.integer({ min: 1, max: 20 }),
  loss: SHARE,
  burst: fc.integer({ min: 1, max: 5 }),
  duplicate: SHARE,
  reorder: SHARE,
  corrupt: SHARE,
}, { requiredKeys: [] });

const SEND = fc.record({ send: TEXT, direction: DIRECTION });
const WAIT = fc.record({ wait: fc.nat(300) });
const moves = (faults: fc.Arbitrary<Faults>): fc.Arbitrary<Move[]> =>
  fc.array(
    fc.oneof(SEND, fc.record({ datagram: TEXT }), WAIT, fc.record({ set: faults })),
    { maxLength: 40 },
  );

function play(story: ProxyStory, all: readonly Move[]): ProxyStory {
  story.open();
  for (const move of all) {
    if ("send" in move) story.send(move.direction, move.send);
    else if ("datagram" in move) story.datagram(move.datagram);
    else if ("wait" in move) story.advance(move.wait);
    else story.give({ type: "set", faults: move.set });
  }
  return story;
}

function sent(all: readonly Move[], direction: "up" | "down"): string {
  return all.map((move) => "send" in move && move.direction === direction ? move.send : "").join(
    "",
  );
}

test("without faults bytes come out as they went in, at once, however they are cut", () => {
  fc.assert(fc.property(fc.array(SEND, { maxLength: 60 }), (all) => {
    const story = play(new ProxyStory(), all);
    assertEquals(story.now, 0);
    for (const direction of ["up", "down"] as const) {
      assertEquals(story.arrived(direction), sent(all, direction));
    }
  }));
});

test("whatever only delays, and changes meanwhile: all arrives in order in the end", () => {
  const streams = moves(DELAYS).map((all) => all.filter((move) => !("datagram" in move)));
  fc.assert(fc.property(streams, fc.nat(), (all, seed) => {
    const story = play(new ProxyStory({ seed }), all);
    story.give({ type: "set", faults: {} }).advance(3_600_000);
    for (const direction of ["up", "down"] as const) {
      assertEquals(story.arrived(direction), sent(all, direction));
    }
    assertEquals(story.machine.deadline, undefined, "nothing is left");
  }));
});

test("the same seed, schedule and input give the same log, byte for byte", () => {
  fc.assert(fc.property(moves(FAULTS), fc.nat(), (all, seed) => {
    const schedule = [{ at: 100, every: 300, for: 100, probability: 0.5, set: { loss: 0.5 } }];
    const run = () => play(new ProxyStory({ seed, schedule }), all).advance(1_000).log.join("\n");
    assertEquals(run(), run());
  }));
});

test("another seed gives another log", () => {
  const run = (seed: number) => {
    const story = new ProxyStory({ seed, faults: { loss: 0.5 } });
    for (let n = 0; n < 50; n++) story.datagram("x");
    return story.log.join("\n");
  };
  assert(run(1) !== run(2));
});

test("what one link draws moves nothing of another", () => {
  const run = (others: number) => {
    const story = new ProxyStory({ seed: 3, faults: { slice: 9 } }).open("tcp-1").open("tcp-2");
    for (let n = 0; n < others; n++) story.send("up", "x".repeat(30), "tcp-2");
    story.send("up", "y".repeat(200), "tcp-1").advance(1_000);
    return story.saidOf("tcp-1 up");
  };
  assertEquals(run(5), run(0));
});

test("whether a link is refused does not depend on those before it", () => {
  const refused = (links: readonly number[]) => {
    const story = new ProxyStory({ seed: 3, faults: { refuse: 0.5 } });
    return links.filter((n) => story.open(`tcp-${n}`).saidOf("refuse").length > 0);
  };
  const all = Array.from({ length: 40 }, (_, n) => n);
  assertEquals(refused(all.toReversed()).toReversed(), refused(all));
});

test("slices lie where the seed puts them, however the bytes arrive", () => {
  const ends = (chunks: readonly string[]) => {
    const story = new ProxyStory({ seed: 3, faults: { slice: 5 } }).open();
    for (const chunk of chunks) story.send("up", chunk);
    let at = 0;
    return story.advance(1_000).said().flatMap((line) => {
      const match = / up '(.*)'$/s.exec(line);
      return match ? [at += match[1]!.length] : [];
    });
  };
  const whole = ends(["x".repeat(100)]);
  const cut = ends(["x".repeat(37), "x".repeat(63)]);
  assertEquals(cut.filter((at) => at !== 37), whole.filter((at) => at !== 37));
});

test("bandwidth stays within its bounds, at any moment", () => {
  fc.assert(
    fc.property(fc.integer({ min: 50, max: 100_000 }), (bandwidth) => {
      const story = new ProxyStory({ faults: { bandwidth } }).open();
      const length = Math.min(bandwidth * 2, 50_000);
      story.send("up", "x".repeat(length));
      let arrived = 0;
      for (let ms = 10; ms <= 3_000; ms += 10) {
        story.advance(10);
        arrived = story.arrived("up").length;
        const share = bandwidth * ms / 1_000;
        // A portion of 20 ms, or one byte, may be on its way.
        const portion = Math.max(1, bandwidth / 50);
        assert(arrived <= share + 1e-6, `${arrived} in ${ms} ms at ${bandwidth}`);
        assert(arrived >= Math.min(length, share) - portion - 1, `${arrived} in ${ms} ms`);
      }
    }),
    { numRuns: 30 },
  );
});

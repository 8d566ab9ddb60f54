import { assertEquals } from "@std/assert";
import { Departures } from "../../sequence/departures.ts";

const PURE = { permissions: "none" } as const;

/** Tells one connection after the other to leave at instant 0. */
function leaving(...connections: { unwritten: boolean; linger: number }[]): Departures {
  const departures = new Departures();
  for (const [at, one] of connections.entries()) {
    departures.handle({ type: "leave", connection: at + 1, ...one }, 0);
  }
  return departures;
}

Deno.test("what has nothing to say and nobody to wait for closes at once", PURE, () => {
  const departures = new Departures();
  const input = { type: "leave", connection: 7, unwritten: false, linger: 0 } as const;
  assertEquals(departures.handle(input, 0), [7]);
  assertEquals([departures.size, departures.deadline], [0, undefined]);
});

Deno.test("without a linger a connection closes when all is written", PURE, () => {
  const departures = leaving({ unwritten: true, linger: 0 });
  assertEquals(departures.handle({ type: "written", connection: 1 }, 30), [1]);
  assertEquals([departures.size, departures.deadline], [0, undefined]);
});

Deno.test("a linger begins when the last line is written, however late that is", PURE, () => {
  const departures = leaving({ unwritten: true, linger: 500 });
  assertEquals(departures.tick(1_999), []);
  assertEquals(departures.handle({ type: "written", connection: 1 }, 1_999), []);
  assertEquals(departures.tick(2_498), []);
  assertEquals(departures.tick(2_499), [1]);
  assertEquals(departures.tick(9_999), []);
});

Deno.test("a linger begins at once where all is written", PURE, () => {
  const departures = leaving({ unwritten: false, linger: 500 }, { unwritten: false, linger: 100 });
  assertEquals(departures.deadline, 100);
  assertEquals(departures.tick(500), [2, 1]);
});

Deno.test("a peer that takes no last line is not waited for", PURE, () => {
  const departures = leaving({ unwritten: true, linger: 500 }, { unwritten: true, linger: 0 });
  assertEquals(departures.tick(1_999), []);
  assertEquals(departures.tick(2_000).toSorted(), [1, 2]);
  assertEquals(departures.size, 0);
});

Deno.test("who has closed first is not waited for", PURE, () => {
  const departures = leaving({ unwritten: true, linger: 500 }, { unwritten: false, linger: 500 });
  departures.handle({ type: "ended", connection: 1 }, 10);
  departures.handle({ type: "ended", connection: 2 }, 10);
  assertEquals([departures.size, departures.deadline], [0, undefined]);
  assertEquals(departures.handle({ type: "written", connection: 1 }, 20), []);
  assertEquals(departures.handle({ type: "ended", connection: 1 }, 20), []);
  assertEquals(departures.tick(9_999), []);
});

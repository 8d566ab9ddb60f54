import { assertEquals } from "@std/assert";
import { RoundTrips } from "../../keepalive/round_trips.ts";

function test(name: string, body: () => void): void {
  Deno.test(name, { permissions: "none" }, body);
}

test("an answer tells how long it took, in any order and however often it comes", () => {
  const trips = new RoundTrips();
  assertEquals([trips.send(0), trips.send(100)], [1, 2]);
  assertEquals([trips.answer(2, 130), trips.answer(1, 140), trips.answer(2, 150)], [30, 140, 50]);
  assertEquals([trips.sent, trips.answered], [2, 2]);
});

test("an answer to what was never sent is no answer", () => {
  const trips = new RoundTrips();
  assertEquals(trips.answer(1, 0), "unknown");
  trips.send(0);
  assertEquals(trips.answer(2, 0), "unknown");
  assertEquals(trips.answered, 0);
});

test("the last 64 are timed; an older one counts as answered, without a time", () => {
  const trips = new RoundTrips();
  for (let now = 1; now <= 65; now++) trips.send(now);
  assertEquals([trips.answer(2, 100), trips.answer(1, 100)], [98, undefined]);
  assertEquals(trips.answered, 2);
});

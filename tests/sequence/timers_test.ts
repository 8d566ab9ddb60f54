// What is to be decided at which instant.

import { assertEquals } from "@std/assert";
import { Timers } from "../../sequence/timers.ts";

const PURE = { permissions: "none" } as const;

Deno.test("a verdict is given at its instant, once, and the earliest first", PURE, () => {
  const timers = new Timers();
  const given: string[] = [];
  const note = (name: string) => () => void given.push(name);
  timers.add(note("late"), 2_000);
  timers.add(note("early"), 1_000);
  const armed = timers.add(note("armed later"));
  assertEquals([timers.due(armed), timers.next], [undefined, 1_000]);
  timers.arm(armed, 1_500);
  for (const now of [999, 1_000, 1_500, 2_000, 9_000]) timers.expire({ now, outputs: [] });
  assertEquals(given, ["early", "armed later", "late"]);
});

Deno.test("a place that was freed has no verdict and is used again", PURE, () => {
  const timers = new Timers();
  const given: string[] = [];
  const first = timers.add(() => void given.push("first"), 1_000);
  timers.remove(first);
  const second = timers.add(() => void given.push("second"));
  timers.expire({ now: 2_000, outputs: [] });
  assertEquals([given, second], [[], first]);
});

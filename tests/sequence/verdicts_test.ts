// What is to be decided at which instant.

import { assertEquals } from "@std/assert";
import { Verdicts } from "../../sequence/verdicts.ts";

const PURE = { permissions: "none" } as const;

Deno.test("a verdict is given at its instant, once, and the earliest first", PURE, () => {
  const verdicts = new Verdicts();
  const given: string[] = [];
  const note = (name: string) => () => void given.push(name);
  verdicts.add(note("late"), 2_000);
  verdicts.add(note("early"), 1_000);
  const armed = verdicts.add(note("armed later"));
  assertEquals([verdicts.due(armed), verdicts.next], [undefined, 1_000]);
  verdicts.arm(armed, 1_500);
  for (const now of [999, 1_000, 1_500, 2_000, 9_000]) verdicts.expire({ now, outputs: [] });
  assertEquals(given, ["early", "armed later", "late"]);
});

Deno.test("a place that was freed has no verdict and is used again", PURE, () => {
  const verdicts = new Verdicts();
  const given: string[] = [];
  const first = verdicts.add(() => void given.push("first"), 1_000);
  verdicts.remove(first);
  const second = verdicts.add(() => void given.push("second"));
  verdicts.expire({ now: 2_000, outputs: [] });
  assertEquals([given, second], [[], first]);
});

import { assertEquals, assertRejects } from "@std/assert";
import { CannotMeasure, type Worker } from "../../bench/harness/children.ts";
import { compare } from "../../bench/harness/rounds.ts";

const LOAD = { check() {}, stop: () => Promise.resolve() };

Deno.test("a receiver that is kept from answering is named, not waited for", async () => {
  const mute = workerOf(() => new Promise(() => {}));
  await assertRejects(
    () => compare([mute, mute], { start: () => LOAD, patience: 20 }),
    CannotMeasure,
    "the receiver said nothing for 0.02 s",
  );
});

Deno.test("a load that failed ends the wait for what it sends", async () => {
  const idle = workerOf(() => Promise.resolve(0));
  let checks = 0;
  const check = () => {
    checks++;
    throw new CannotMeasure("the load failed");
  };
  await assertRejects(
    () => compare([idle, idle], { start: () => ({ ...LOAD, check }) }),
    CannotMeasure,
    "the load failed",
  );
  assertEquals(checks, 1);
});

function workerOf(ask: Worker["ask"]): Worker {
  return { name: "", ready: {}, ask, stop: () => Promise.resolve() };
}

import { assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import type { Faults } from "../../proxy/faults.ts";
import { ProxyMachine } from "../../proxy/machine.ts";
import { ProxyStory } from "./proxy_story.ts";

function test(name: string, body: () => void): void {
  Deno.test(name, { permissions: "none" }, body);
}

test("the schedule's faults lie over those that were given, and do not replace them", () => {
  const schedule = [{ at: 100, for: 100, set: { loss: 1 } }];
  const { machine } = new ProxyStory({ faults: { latency: 5 }, schedule }).advance(150);
  assertEquals([machine.base, machine.faults.loss, machine.faults.latency], [{ latency: 5 }, 1, 5]);
});

test("faults that are set before the start are in force at the start", () => {
  const machine = new ProxyMachine({}, { seed: 1 });
  machine.handle({ type: "set", faults: { latency: 7 } }, 0);
  assertEquals([machine.base, machine.faults], [{ latency: 7 }, { latency: 7 }]);
});

test("an open link tells how much came from each side, one that is gone nothing", () => {
  const { machine } = new ProxyStory().open().send("up", "abc").send("down", "de");
  assertEquals(machine.received("tcp-1"), { up: 3, down: 2 });
  assertEquals(machine.received("tcp-2"), undefined);
});

test("that a client could not be accepted is passed on", () => {
  const failure = { type: "accept-failed", code: "io", message: "Cannot accept" } as const;
  assertEquals(new ProxyMachine({}, { seed: 1 }).handle(failure, 0), [failure]);
});

/** Each row: a fault that is no number, and the complaint about a wrong one. */
const WRONG: readonly (readonly [object, string])[] = [
  [{ blackhole: 1 }, "blackhole: wanted true or false, current value is 1"],
  [{ cutBy: "axe" }, "cutBy: wanted fin or reset, current value is axe"],
  [{ up: { blackhole: "no" } }, "up.blackhole: wanted true or false, current value is no"],
];

for (const [faults, complaint] of WRONG) {
  test(`refuses ${complaint}`, () => {
    const set = { type: "set", faults: faults as Faults } as const;
    assertThrows(
      () => new ProxyMachine({}, { seed: 1 }).handle(set, 0),
      HeartlineError,
      `Cannot use ${complaint}`,
    );
  });
}

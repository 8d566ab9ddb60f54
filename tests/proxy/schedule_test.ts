import { assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { checkSchedule, type ScheduleStep } from "../../proxy/schedule.ts";
import { ProxyStory } from "./proxy_story.ts";

/** Defines a pure test. */
function test(name: string, fn: () => void): void {
  Deno.test({ name: `schedule: ${name}`, permissions: "none", fn });
}

/** The lines of the fault log of a schedule over ten seconds, with one open link. */
function told(schedule: readonly ScheduleStep[], seed = 1): string[] {
  const story = new ProxyStory({ schedule, seed }).open();
  story.said();
  return story.advance(10_000).said();
}

/** Each row: the steps, and what is told in ten seconds. */
const STORIES: readonly (readonly [string, readonly ScheduleStep[], readonly string[]])[] = [
  ["empty", [], []],
  ["a step to the end", [{ at: 1_000, set: { latency: 1 } }], ["1000 step 0 begins at 1000"]],
  ["a step with an end", [{ at: 1_000, for: 500, set: { latency: 1 } }], [
    "1000 step 0 begins at 1000",
    "1500 step 0 ends at 1500",
  ]],
  ["again and again", [{ at: 4_000, every: 4_000, for: 1_000, set: { latency: 1 } }], [
    "4000 step 0 begins at 4000",
    "5000 step 0 ends at 5000",
    "8000 step 0 begins at 8000",
    "9000 step 0 ends at 9000",
  ]],
  ["an end goes before a beginning", [
    { at: 2_000, set: { latency: 2 } },
    { at: 1_000, for: 1_000, set: { latency: 1 } },
  ], ["1000 step 1 begins at 1000", "2000 step 1 ends at 2000", "2000 step 0 begins at 2000"]],
  ["a reset", [{ at: 3_000, do: "reset" }], [
    "3000 step 0 begins at 3000",
    "3000 injected",
    "3000 tcp-1 reset",
    "3000 tcp-1 disconnected: fault 0/0",
  ]],
  ["cut and heal", [{ at: 1_000, do: "cut" }, { at: 2_000, do: "heal" }], [
    ...["1000 step 0 begins at 1000", "1000 cut", "1000 unlisten"],
    ...["1000 tcp-1 reset", "1000 tcp-1 disconnected: fault 0/0"],
    ...["2000 step 1 begins at 2000", "2000 healed", "2000 listen"],
  ]],
  ["nobody listens meanwhile", [{ at: 1_000, for: 1_000, set: { refuse: 1 } }], [
    ...["1000 step 0 begins at 1000", "1000 unlisten"],
    ...["2000 step 0 ends at 2000", "2000 listen"],
  ]],
  ["by no chance", [{ at: 1_000, probability: 0, do: "reset" }], ["1000 step 0 skipped at 1000"]],
];

for (const [name, steps, lines] of STORIES) test(name, () => assertEquals(told(steps), lines));

test("chances come from the seed", () => {
  const steps = [{ at: 0, every: 10, probability: 0.5, do: "fin" as const }];
  assertEquals(told(steps, 7), told(steps, 7));
  const taken = told(steps, 7).filter((line) => line.includes("begins")).length;
  assertEquals(taken > 430 && taken < 570, true, `${taken} of 1,000`);
  assertEquals(told(steps, 8).join() === told(steps, 7).join(), false);
});

test("a step lies over the faults given, and they come back", () => {
  const story = new ProxyStory({
    faults: { latency: 10, down: { latency: 20 } },
    schedule: [{ at: 1_000, for: 1_000, set: { latency: 500 } }],
  });
  const latencies = () => {
    const { latency, down } = story.machine.faults;
    return [latency, down?.latency];
  };
  assertEquals(latencies(), [10, 20]);
  story.advance(1_500);
  assertEquals(latencies(), [500, 500]);
  story.advance(1_000);
  assertEquals(latencies(), [10, 20]);
});

test("a process that slept takes every step it missed, in order", () => {
  const story = new ProxyStory({
    schedule: [{ at: 1_000, do: "cut" }, { at: 2_000, do: "heal" }],
  });
  story.now = 60_000;
  const types = story.machine.tick(60_000).map(({ type }) => type);
  assertEquals(types, ["step", "cut", "unlisten", "step", "healed", "listen"]);
});

/** Each row: a wrong step and the complaint. */
const WRONG: readonly (readonly [ScheduleStep, string])[] = [
  [{ at: -1, do: "cut" }, "steps[0].at: wanted a number of at least 0, current value is -1"],
  [{ at: 0 }, "steps[0]: wanted one of set and do, current value is neither"],
  [{ at: 0, do: "cut", set: {} }, "steps[0]: wanted one of set and do, current value is both"],
  [
    { at: 0, do: "cut", for: 1 },
    "steps[0].for: wanted it only beside set, current value is 1",
  ],
  [
    { at: 0, every: 10, for: 10, set: {} },
    "steps[0].for: wanted less than every (10), current value is 10",
  ],
  [
    { at: 0, every: 0, do: "fin" },
    "steps[0].every: wanted a number of at least 1, current value is 0",
  ],
  [
    { at: 0, probability: 2, do: "fin" },
    "steps[0].probability: wanted a number in 0..1, current value is 2",
  ],
  [
    { at: 0, do: "explode" as "cut" },
    "steps[0].do: wanted one of fin, reset, cut, heal, current value is explode",
  ],
  [{ at: 0, set: { loss: 3 } }, "loss: wanted a number in 0..1, current value is 3"],
];

for (const [step, complaint] of WRONG) {
  test(`refuses ${complaint}`, () => {
    const error = assertThrows(() => checkSchedule([step]), HeartlineError);
    assertEquals([error.code, error.message], ["invalid-option", `Cannot use ${complaint}`]);
  });
}

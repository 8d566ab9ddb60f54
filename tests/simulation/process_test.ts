/**
 * A process does to its machine what `core/drive.ts` does.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { Instant, Machine } from "../../core/machine.ts";
import { Process, TICK } from "./process.ts";
import { World } from "./world.ts";

/** Notes what it is told; one verdict, at `deadline`, which a pause puts off. */
class Recorder implements Machine<string, string> {
  deadline: Instant | undefined;
  readonly told: [what: string | number, now: Instant][] = [];

  constructor(deadline: Instant) {
    this.deadline = deadline;
  }

  handle(input: string, now: Instant): readonly string[] {
    this.told.push([input, now]);
    return [];
  }

  stalled(by: number, now: Instant): readonly string[] {
    this.told.push([by, now]);
    this.deadline! += by;
    return [];
  }

  tick(now: Instant): readonly string[] {
    if (now < this.deadline!) return [];
    this.told.push(["verdict", now]);
    this.deadline = undefined;
    return [];
  }
}

function start(deadline: Instant) {
  const world = new World(1);
  const process = new Process(world, 0);
  const machine = new Recorder(deadline);
  const task = process.run(machine, { take: () => {} });
  const tell = (at: Instant, what: string) => {
    world.once(at, () => process.arrives(() => task.handle(what)));
  };
  return { world, process, machine, tell };
}

Deno.test("a verdict comes at its deadline, and a few ms later for what waits", {
  permissions: "none",
}, () => {
  const { world, machine } = start(1_000);
  world.run(2_000);
  const [[what, at]] = machine.told as [[string, number]];
  assertEquals(what, "verdict");
  assert(at > 1_000 && at < 1_000 + 5, `${at}`);
});

Deno.test("after a pause: first the news of it, then what waited, then the verdict, later by it", {
  permissions: "none",
}, () => {
  const { world, process, machine, tell } = start(1_000);
  world.once(500, () => process.stall(5_000));
  tell(700, "input");
  world.run(20_000);
  const [lag, input, verdict] = machine.told;
  assert(typeof lag![0] === "number" && lag![0] >= 5_000 && lag![0] <= 5_100, `${lag}`);
  assertEquals(input, ["input", 5_500]);
  assertEquals(verdict![0], "verdict");
  assertAlmostEquals(verdict![1], 1_000 + lag![0], TICK);
});

Deno.test("a pause too short to be noticed only delays", { permissions: "none" }, () => {
  const { world, process, machine } = start(1_000);
  world.once(950, () => process.stall(90));
  world.run(2_000);
  assertEquals(machine.told.length, 1);
  assert(machine.told[0]![1] >= 1_040 && machine.told[0]![1] < 1_000 + TICK);
});

Deno.test(
  "what is killed hears nothing any more, and is not woken",
  { permissions: "none" },
  () => {
    const { world, process, machine, tell } = start(1_000);
    world.once(500, () => process.kill());
    tell(600, "input");
    world.once(700, () => process.restart());
    world.run(2_000);
    assertEquals(machine.told, []);
  },
);

Deno.test("what is killed in a pause does not go on after it", { permissions: "none" }, () => {
  const { world, process } = start(1_000);
  world.once(500, () => process.stall(1_000));
  world.once(600, () => process.kill());
  world.run(2_000);
  assertEquals([process.running, process.dead], [false, true]);
});

Deno.test("what is killed in a pause ran until the pause", { permissions: "none" }, () => {
  const world = new World(1);
  const process = new Process(world, 1);
  world.run(1_000);
  assertEquals(process.ranUntil, 1_000);
  process.stall(5_000);
  world.run(3_000);
  process.kill();
  assertEquals(process.ranUntil, 1_000);
  process.restart();
  process.kill();
  world.run(4_000);
  assertEquals(process.ranUntil, 3_000);
});

Deno.test("a clock that drifts takes its timers along", { permissions: "none" }, () => {
  const { world, process, machine } = start(100_000);
  world.once(50_000, () => process.drift(1_000_000));
  world.run(76_000);
  const [[what, local]] = machine.told as [[string, number]];
  assertEquals(what, "verdict");
  assertAlmostEquals(local, 100_000, 10);
});

Deno.test("what is to happen soon happens behind the rest of its instant, in the same life", {
  permissions: "none",
}, () => {
  const { world, process } = start(1_000);
  const done: string[] = [];
  world.once(500, () => {
    process.soon(() => done.push("soon"));
    done.push("now");
  });
  world.once(600, () => {
    process.soon(() => done.push("of an earlier life"));
    process.kill();
    process.restart();
  });
  world.run(700);
  assertEquals(done, ["now", "soon"]);
});

Deno.test("what is to be started again is, when its time has come", { permissions: "none" }, () => {
  const { world, process } = start(1_000);
  const began: [at: Instant, running: boolean][] = [];
  world.once(500, () => {
    process.kill();
    process.restartIn(250, () => began.push([world.now, process.running]));
  });
  world.run(2_000);
  assertEquals(began, [[750, true]]);
  assertEquals(process.life, 2);
});

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { systemClock } from "../../core/clock.ts";

const HOUR = 3_600_000;
const LONGEST_TIMER = 2 ** 31 - 1;

Deno.test("now never steps, whatever the wall clock does", { permissions: "none" }, () => {
  const clock = systemClock();
  const before = clock.now();
  withWallStep(HOUR, () => assertAlmostEquals(clock.now(), before, 1_000));
});

for (const step of [HOUR, -HOUR]) {
  Deno.test(`the wall time follows a step by ${step} ms within 50 ms`, {
    permissions: "none",
  }, () => {
    const clock = systemClock();
    const now = clock.now();
    const before = clock.wall(now);
    assertAlmostEquals(before, Date.now(), 100);
    withWallStep(step, () => {
      assertAlmostEquals(clock.wall(now + 50) - before, step, 1_000);
    });
    assertAlmostEquals(clock.wall(now + 100), before, 1_000);
  });
}

Deno.test("the wall time has fractions and does not run backwards between looks at the clock", {
  permissions: "none",
}, () => {
  const clock = systemClock();
  const start = clock.now();
  const times = Array.from({ length: 40 }, (_, i) => clock.wall(start + i / 8));
  for (let i = 1; i < times.length; i++) assertAlmostEquals(times[i]! - times[i - 1]!, 1 / 8, 0.01);
});

Deno.test("a wake comes once, and not before its delay", { permissions: "none" }, async () => {
  const clock = systemClock();
  const start = clock.now();
  let wakes = 0;
  await new Promise<void>((resolve) => {
    clock.schedule(20, () => {
      wakes++;
      resolve();
    });
  });
  // Timers count whole milliseconds and may round down.
  assert(clock.now() - start >= 19);
  assertEquals(wakes, 1);
});

Deno.test("a cancelled wake leaves no timer behind", { permissions: "none" }, () => {
  const timers = withFakeTimers((fire) => {
    const cancel = systemClock().schedule(20, () => assert(false, "a cancelled wake came"));
    cancel();
    fire();
  });
  assertEquals(timers, [20]);
});

Deno.test("a delay that no timer can hold is cut into several", { permissions: "none" }, () => {
  let wakes = 0;
  const timers = withFakeTimers((fire) => {
    systemClock().schedule(2 * LONGEST_TIMER + 5, () => wakes++);
    fire();
    fire();
    assertEquals(wakes, 0);
    fire();
  });
  assertEquals([timers, wakes], [[LONGEST_TIMER, LONGEST_TIMER, 5], 1]);
});

Deno.test("a delay that no timer can hold is cancelled in its later parts too", {
  permissions: "none",
}, () => {
  const timers = withFakeTimers((fire) => {
    const cancel = systemClock().schedule(Infinity, () => assert(false, "a cancelled wake came"));
    fire();
    cancel();
    fire();
  });
  assertEquals(timers, [LONGEST_TIMER, LONGEST_TIMER]);
});

Deno.test("a delay below zero is none", { permissions: "none" }, () => {
  assertEquals(withFakeTimers(() => systemClock().schedule(-5, () => {})), [0]);
});

function withWallStep(by: number, during: () => void): void {
  const real = Date.now;
  Date.now = () => real() + by;
  try {
    during();
  } finally {
    Date.now = real;
  }
}

/** Stands in for `setTimeout`; `fire` runs the armed timer. Returns the delays that were armed. */
function withFakeTimers(during: (fire: () => void) => void): number[] {
  const real = { setTimeout, clearTimeout };
  const delays: number[] = [];
  const armed = new Map<number, () => void>();
  const fake = {
    setTimeout(wake: () => void, delay: number): number {
      armed.set(delays.push(delay), wake);
      return delays.length;
    },
    clearTimeout: (timer: number): unknown => armed.delete(timer),
  };
  Object.assign(globalThis, fake);
  try {
    during(() => {
      const [timer, wake] = [...armed][0] ?? [];
      armed.delete(timer!);
      wake?.();
    });
  } finally {
    Object.assign(globalThis, real);
  }
  return delays;
}

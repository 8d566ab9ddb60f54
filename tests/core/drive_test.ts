import { assert, assertEquals } from "@std/assert";
import { Driver } from "../../core/drive.ts";
import type { Instant, Machine } from "../../core/machine.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

type Input = "beat";

const TIMEOUT = 1_000;

/** A sender that must act every second and judges nobody. `log` holds all of it, each with its instant. */
class Metronome implements Machine<Input, string> {
  readonly log: [now: Instant, what: string][] = [];
  deadline: Instant | undefined;

  constructor(deadline: Instant | undefined = TIMEOUT) {
    this.deadline = deadline;
  }

  handle(_input: Input, now: Instant): string[] {
    this.deadline = now + TIMEOUT;
    return this.note("beat", now);
  }

  tick(now: Instant): string[] {
    if (this.deadline === undefined || now < this.deadline) return [];
    this.deadline = undefined;
    return this.note("dead", now);
  }

  note(what: string, now: Instant): string[] {
    this.log.push([now, what]);
    return [what];
  }
}

/** A peer that must beat every second: what the driver's promises are about. */
class Watchdog extends Metronome {
  stalled(by: number, now: Instant): string[] {
    if (this.deadline !== undefined) this.deadline += by;
    return this.note(`stalled ${by}`, now);
  }
}

/** A watchdog that also sends something at fixed instants, whoever lives. */
class SendingWatchdog extends Watchdog {
  readonly schedule: { deadline: number | undefined; tick(now: number): string[] };

  constructor(deadline: Instant | undefined, ...instants: number[]) {
    super(deadline);
    const tick = (now: number): string[] => {
      this.schedule.deadline = instants.shift();
      return this.note("sent", now);
    };
    this.schedule = { deadline: instants.shift(), tick };
  }
}

/** A machine that is driven by a virtual clock. */
function drive<Kind extends Metronome>(machine: Kind) {
  const clock = new VirtualClock();
  const driver = new Driver<Input, string>(machine, { clock, deliver: () => {} });
  return { clock, driver, machine };
}

const watch = (machine: Watchdog = new Watchdog()) => drive(machine);
const schedule = (machine: Metronome = new Metronome()) => drive(machine);

Deno.test("a machine is ticked at its deadline and not before", { permissions: "none" }, () => {
  for (const { clock, machine } of [watch(), schedule()]) {
    clock.advance(TIMEOUT - 1);
    assertEquals(machine.log, []);
    clock.advance(1);
    assertEquals(machine.log, [[TIMEOUT, "dead"]]);
    assertEquals(clock.pending, 0);
  }
});

Deno.test("an input that moves the deadline later needs no timer and is obeyed", {
  permissions: "none",
}, () => {
  const { clock, driver, machine } = schedule();
  clock.advance(900);
  const armed = clock.scheduled;
  driver.handle("beat");
  assertEquals(clock.scheduled, armed);
  clock.advance(5_000);
  assertEquals(machine.log, [[900, "beat"], [1_900, "dead"]]);
});

Deno.test("an input that moves the deadline earlier wakes the machine earlier", {
  permissions: "none",
}, () => {
  for (
    const { clock, driver, machine } of [
      watch(new Watchdog(60_000)),
      schedule(new Metronome(60_000)),
    ]
  ) {
    clock.advance(50);
    driver.handle("beat");
    clock.advance(60_000);
    assertEquals(machine.log, [[50, "beat"], [1_050, "dead"]]);
  }
});

Deno.test("a machine without a deadline is left alone until an input gives it one", {
  permissions: "none",
}, () => {
  const machine = new Watchdog();
  machine.deadline = undefined;
  const { clock, driver } = watch(machine);
  assertEquals(clock.pending, 0);
  clock.advance(3_600_000);
  driver.handle("beat");
  clock.advance(5_000);
  assertEquals(machine.log, [[3_600_000, "beat"], [3_601_000, "dead"]]);
});

Deno.test("a deadline beyond the longest timer is kept to the millisecond", {
  permissions: "none",
}, () => {
  const { clock, machine } = schedule(new Metronome(2 ** 31 + 5));
  clock.advance(2 ** 31 + 4);
  assertEquals(machine.log, []);
  clock.advance(1);
  assertEquals(machine.log, [[2 ** 31 + 5, "dead"]]);
});

Deno.test("the direct way of calling the machine keeps the same promises", {
  permissions: "none",
}, () => {
  const { clock, driver, machine } = watch(new Watchdog(60_000));
  const now = driver.wake();
  driver.deliver(machine.handle("beat", now), now);
  clock.stall(2_000);
  driver.wake();
  assertEquals(machine.log, [[0, "beat"], [2_000, "stalled 2000"]]);
});

Deno.test("outputs are delivered in order, with the instant of what caused them", {
  permissions: "none",
}, () => {
  const clock = new VirtualClock();
  const seen: [string, Instant][] = [];
  const echo: Machine<string, string> = {
    handle: (input) => [`${input} 1`, `${input} 2`],
    tick: () => [],
    deadline: undefined,
  };
  const driver = new Driver(echo, {
    clock,
    deliver: (outputs, now) => outputs.forEach((output) => seen.push([output, now])),
  });
  driver.handle("a");
  clock.advance(7);
  driver.handle("b");
  assertEquals(seen, [["a 1", 0], ["a 2", 0], ["b 1", 7], ["b 2", 7]]);
});

// Stalls: this process did not run for a while.

for (const first of ["the timer", "an input"]) {
  Deno.test(`after a stall the machine hears of it before ${first} leads to a verdict`, {
    permissions: "none",
  }, () => {
    const { clock, driver, machine } = watch();
    clock.advance(950);
    clock.stall(5_000);
    if (first === "an input") driver.handle("beat");
    clock.advance(0);
    const [now, what] = machine.log[0]!;
    assertEquals([now, what], [5_950, "stalled 5050"]);
    assert(!machine.log.some(([, what]) => what === "dead"));
  });
}

Deno.test("a peer that died during a stall is found dead, later by the stall", {
  permissions: "none",
}, () => {
  const { clock, machine } = watch();
  clock.advance(950);
  clock.stall(5_000);
  clock.advance(1_000);
  assertEquals(machine.log, [[5_950, "stalled 5050"], [6_050, "dead"]]);
});

for (const idle of [0, 1, 99, 100, 101, 199, 777]) {
  for (const stall of [150, 1_500, 3_600_000]) {
    Deno.test(`a stall of ${stall} ms after ${idle} ms is measured within 100 ms`, {
      permissions: "none",
    }, () => {
      const { clock, machine } = watch(new Watchdog(60_000));
      clock.advance(idle);
      clock.stall(stall);
      clock.advance(0);
      // A short stall that ends before the timer is late is none to anybody.
      const by = Number(/^stalled (\d+)$/.exec(machine.log[0]?.[1] ?? "stalled 150")?.[1]);
      assert(by >= stall && by <= stall + 100, `${by}`);
    });
  }
}

Deno.test("a stall inside a call of deliver is noticed at the next input", {
  permissions: "none",
}, () => {
  const clock = new VirtualClock();
  const machine = new Watchdog(60_000);
  const driver = new Driver<Input, string>(machine, { clock, deliver: () => {} });
  clock.schedule(40, () => {
    driver.handle("beat");
    clock.stall(1_500);
    driver.handle("beat");
  });
  clock.advance(40);
  assertEquals(machine.log, [[40, "beat"], [1_540, "stalled 1500"], [1_540, "beat"]]);
});

Deno.test("a quiet night is not a stall, nor is a timer that is a little late", {
  permissions: "none",
}, () => {
  const { clock, driver, machine } = watch(new Watchdog(3_600_000));
  for (let i = 0; i < 1_000; i++) {
    clock.advance(999);
    clock.stall(99);
    clock.advance(0);
  }
  driver.handle("beat");
  assertEquals(machine.log.map(([, what]) => what), ["beat"]);
});

// A due deadline waits for what is already in the kernel.

Deno.test("an input that waited in the kernel when the deadline passed comes first", {
  permissions: "none",
}, () => {
  for (const turns of [1, 2]) {
    const { clock, driver, machine } = watch();
    inTurns(clock, TIMEOUT, turns, () => driver.handle("beat"));
    clock.advance(TIMEOUT);
    assertEquals(machine.log, [[TIMEOUT, "beat"]]);
  }
});

Deno.test("with nothing in the kernel the verdict comes in the same instant", {
  permissions: "none",
}, () => {
  const { clock, machine } = watch();
  clock.advance(TIMEOUT);
  assertEquals(machine.log, [[TIMEOUT, "dead"]]);
});

Deno.test("one input after another is waited for, while they come in consecutive turns", {
  permissions: "none",
}, () => {
  const { clock, driver, machine } = watch();
  const others = new Array<() => void>(10).fill(() => void driver.wake());
  inTurns(clock, TIMEOUT, 1, ...others, () => driver.handle("beat"));
  clock.advance(TIMEOUT);
  assertEquals(machine.log, [[TIMEOUT, "beat"]]);
});

Deno.test("a block while waiting for inputs gives no verdict before they were taken", {
  permissions: "none",
}, () => {
  for (const block of [49, 50, 60, 99, 100, 3_000]) {
    const { clock, driver, machine } = watch();
    inTurns(clock, TIMEOUT, 1, () => {
      driver.wake();
      clock.stall(block);
    }, () => driver.handle("beat"));
    clock.advance(TIMEOUT);
    clock.advance(0);
    assert(!machine.log.some(([, what]) => what === "dead"), `${machine.log}`);
    assertEquals(machine.log.at(-1)?.[1], "beat");
  }
});

Deno.test("an endless flood delays a verdict by 50 ms and no more", { permissions: "none" }, () => {
  const { clock, driver, machine } = watch();
  const flood = (): void => {
    driver.wake();
    clock.schedule(1, flood);
  };
  clock.schedule(0.5, flood);
  clock.advance(2 * TIMEOUT);
  const [[now, what]] = machine.log as [[Instant, string]];
  assertEquals(what, "dead");
  assert(now >= TIMEOUT && now <= TIMEOUT + 51, `at ${now}`);
});

Deno.test("an endless flood that lets no timer fire delays a verdict by 50 ms and no more", {
  permissions: "none",
}, () => {
  const { clock, driver, machine } = watch();
  for (let ms = 0; ms < 2 * TIMEOUT; ms++) {
    clock.stall(1);
    driver.wake();
  }
  const [[now, what]] = machine.log as [[Instant, string]];
  assertEquals(what, "dead");
  assert(now >= TIMEOUT && now <= TIMEOUT + 51, `at ${now}`);
});

Deno.test("a machine that only keeps a schedule waits for nothing", { permissions: "none" }, () => {
  const { clock, driver, machine } = schedule();
  inTurns(clock, TIMEOUT, 1, () => driver.handle("beat"));
  clock.advance(TIMEOUT);
  assertEquals(machine.log, [[TIMEOUT, "dead"], [TIMEOUT, "beat"]]);
});

Deno.test("a machine that only keeps a schedule is ticked at the first input after a stall", {
  permissions: "none",
}, () => {
  const { clock, driver, machine } = schedule();
  clock.stall(5_000);
  driver.handle("beat");
  assertEquals(machine.log, [[5_000, "dead"], [5_000, "beat"]]);
});

// Re-entrancy: deliver calls the driver.

/** Counts down from its input, one output each time it is handled; ticks once, at `due`. */
class Countdown implements Machine<number, number> {
  deadline: Instant | undefined;

  constructor(deadline?: Instant) {
    this.deadline = deadline;
  }

  handle(input: number): number[] {
    return [input];
  }

  tick(now: Instant): number[] {
    if (this.deadline === undefined || now < this.deadline) return [];
    this.deadline = undefined;
    return [3];
  }
}

Deno.test("deliver may give the machine inputs, from an input and from a tick", {
  permissions: "none",
}, () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  const driver: Driver<number, number> = new Driver(new Countdown(100), {
    clock,
    deliver(outputs) {
      seen.push(...outputs);
      for (const output of outputs) if (output > 1) driver.handle(output - 1);
    },
  });
  driver.handle(2);
  assertEquals(seen, [2, 1]);
  clock.advance(100);
  assertEquals(seen, [2, 1, 3, 2, 1]);
  assertEquals(clock.pending, 0);
});

Deno.test("an input from within the report of a stall leads to no verdict and no second report", {
  permissions: "none",
}, () => {
  const clock = new VirtualClock();
  const machine = new Watchdog();
  const driver: Driver<Input, string> = new Driver<Input, string>(machine, {
    clock,
    deliver([output]) {
      if (output !== "beat") driver.handle("beat");
    },
  });
  clock.stall(5_000);
  driver.handle("beat");
  assertEquals(machine.log.map(([, what]) => what), ["stalled 5000", "beat", "beat"]);
});

for (const cause of ["beat", "dead", "stalled 5000"]) {
  Deno.test(`close inside deliver of "${cause}" ends everything`, { permissions: "none" }, () => {
    const clock = new VirtualClock();
    const machine = new Watchdog();
    const driver: Driver<Input, string> = new Driver<Input, string>(machine, {
      clock,
      deliver: () => driver.close(),
    });
    if (cause === "beat") driver.handle("beat");
    if (cause === "stalled 5000") clock.stall(5_000);
    clock.advance(cause === "dead" ? TIMEOUT : 0);
    assertEquals([machine.log.map(([, what]) => what), clock.pending], [[cause], 0]);
    driver.handle("beat");
    clock.advance(TIMEOUT);
    assertEquals([machine.log.length, clock.pending], [1, 0]);
  });
}

Deno.test("close inside a verdict that an input brought about swallows the input", {
  permissions: "none",
}, () => {
  const clock = new VirtualClock();
  const machine = new Metronome();
  const driver: Driver<Input, string> = new Driver<Input, string>(machine, {
    clock,
    deliver: () => driver.close(),
  });
  clock.stall(TIMEOUT);
  driver.handle("beat");
  assertEquals([machine.log, clock.pending], [[[TIMEOUT, "dead"]], 0]);
});

Deno.test("close takes the timer away, also while a verdict waits for inputs", {
  permissions: "none",
}, () => {
  const { clock, driver, machine } = watch();
  inTurns(clock, TIMEOUT, 1, () => driver.close());
  clock.advance(2 * TIMEOUT);
  assertEquals([machine.log, clock.pending], [[], 0]);
});

/**
 * Runs `actions` one in each turn of the event loop, the first one `skip` turns after everything
 * that is already scheduled for the instant `at`.
 */
function inTurns(clock: VirtualClock, at: Instant, skip: number, ...actions: (() => void)[]): void {
  const step = (): void => {
    if (skip-- > 0) return void clock.schedule(0, step);
    actions.shift()!();
    if (actions.length > 0) clock.schedule(0, step);
  };
  clock.schedule(at - clock.now(), step);
}

// A schedule beside the verdicts.

Deno.test("a schedule is kept in time beside the verdicts", { permissions: "none" }, () => {
  const { clock, machine } = drive(new SendingWatchdog(1_000, 5, 10, 700));
  clock.advance(2_000);
  assertEquals(machine.log.slice(0, 3), [[5, "sent"], [10, "sent"], [700, "sent"]]);
  assertEquals(machine.log.slice(3).map(([, what]) => what), ["dead"]);
  assertEquals(clock.pending, 0);
});

Deno.test("a schedule goes on where no verdict is due", { permissions: "none" }, () => {
  const machine = new SendingWatchdog(undefined, 5, 60_000);
  machine.deadline = undefined;
  const { clock } = drive(machine);
  clock.advance(60_000);
  assertEquals(machine.log, [[5, "sent"], [60_000, "sent"]]);
});

Deno.test(
  "a schedule does not wait for a verdict that waits for inputs",
  { permissions: "none" },
  () => {
    const { clock, driver, machine } = drive(new SendingWatchdog(100, 110, 120));
    // A flood that lets no timer fire keeps the verdict back as long as it may be.
    for (let ms = 0; ms < 200; ms++) {
      clock.stall(1);
      driver.wake();
    }
    assertEquals(machine.log, [[110, "sent"], [120, "sent"], [150, "dead"]]);
  },
);

Deno.test("an input that makes the schedule due earlier is heeded", { permissions: "none" }, () => {
  const machine = new SendingWatchdog(10_000, 5_000);
  const { clock, driver } = drive(machine);
  clock.advance(50);
  machine.schedule.deadline = 60;
  driver.deliver([], clock.now());
  clock.advance(30);
  assertEquals(machine.log, [[60, "sent"]]);
});

Deno.test(
  "a stall is told before what the schedule missed is made up for",
  { permissions: "none" },
  () => {
    const { clock, machine } = drive(new SendingWatchdog(1_000, 500));
    clock.advance(400);
    clock.stall(5_000);
    clock.advance(100);
    assertEquals(machine.log.map(([, what]) => what.split(" ")[0]), ["stalled", "sent"]);
  },
);

import { assert, assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { UdpClientMachine } from "../../udp/client_machine.ts";
import type { UdpClientInput, UdpClientOutput } from "../../udp/inputs.ts";
import type { UdpSchedule } from "../../udp/options.ts";
import { seededRandom } from "../support/random.ts";
import { passTime } from "../support/story.ts";

const DAY = 86_400_000;

/** Ticks at every deadline up to and including `until`. */
function run(machine: UdpClientMachine, until: number) {
  const log: [now: number, output: UdpClientOutput][] = [];
  passTime(machine, until, (outputs, now) => {
    for (const output of outputs) log.push([now, output]);
  });
  return log;
}

const sends = (log: [now: number, output: UdpClientOutput][]) =>
  log.flatMap(([now, output]) => output.type === "send" ? [[now, output.sequence] as const] : []);

const words = (outputs: readonly UdpClientOutput[]) =>
  outputs.map((output) => output.type === "send" ? `send ${output.sequence}` : output.type);

const unreachable = (burst: number): UdpClientInput => ({
  type: "failed",
  burst,
  error: new HeartlineError("unreachable", "Cannot send to 10.0.0.1:6500: No route to host"),
});

Deno.test("a burst is ten datagrams over half of the interval unless asked otherwise", {
  permissions: "none",
}, () => {
  const machine = new UdpClientMachine({}, {}, 3_000);
  assertEquals(machine.tick(2_999), []);
  const places = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
  assertEquals(sends(run(machine, 12_999)), places.map((i) => [3_000 + 500 * i, i + 1] as const));
});

Deno.test("spread 0 sends a burst back to back, in one tick", { permissions: "none" }, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 3, spread: 0 }, {}, 0);
  assertEquals(words(machine.tick(0)), ["send 1", "send 2", "send 3", "sent"]);
  assertEquals(machine.tick(0), []);
  assertEquals(machine.deadline, 1_000);
});

Deno.test("spread 1 sends at an even pace", { permissions: "none" }, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 4, spread: 1 }, {}, 0);
  assertEquals(sends(run(machine, 1_750)).map(([now]) => now), [
    0,
    250,
    500,
    750,
    1_000,
    1_250,
    1_500,
    1_750,
  ]);
});

Deno.test("a burst that is sent is said, with its number", { permissions: "none" }, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 2 }, {}, 0);
  const said = run(machine, 2_000).filter(([, { type }]) => type === "sent");
  assertEquals(said, [
    [250, { type: "sent", burst: 1, datagrams: 2 }],
    [1_250, { type: "sent", burst: 2, datagrams: 2 }],
  ]);
});

Deno.test("after `count` bursts it is done and has no deadline", { permissions: "none" }, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 1, count: 3 }, {}, 0);
  const log = run(machine, DAY);
  assertEquals(sends(log).map(([now]) => now), [0, 1_000, 2_000]);
  assertEquals(log.at(-1), [2_000, { type: "done", bursts: 3 }]);
  assertEquals([machine.deadline, machine.tick(DAY)], [undefined, []]);
});

Deno.test("a million intervals later no burst has drifted", { permissions: "none" }, () => {
  // A third of a second has no exact form: adding it up a million times would show.
  const interval = 1_000 / 3;
  const machine = new UdpClientMachine({ interval, burst: 1 }, {}, 0);
  for (let k = 0; k <= 1_000_000; k++) {
    const now = machine.deadline!;
    assert(now === k * interval);
    assert(machine.tick(now).length === 2);
  }
});

Deno.test("a late tick does not move the bursts after it", { permissions: "none" }, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 2 }, {}, 0);
  assertEquals(words(machine.tick(40)), ["send 1"]);
  assertEquals(words(machine.tick(290)), ["send 2", "sent"]);
  assertEquals(machine.deadline, 1_000);
});

Deno.test("after a stall it goes on with the burst that is due now and says what it skipped", {
  permissions: "none",
}, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 2 }, {}, 0);
  run(machine, 250);
  const outputs = machine.tick(5_100);
  assertEquals(outputs[0], { type: "skipped", bursts: 4 });
  assertEquals(outputs.slice(1), [{ type: "send", sequence: 1, burst: 6 }]);
  assertEquals(machine.deadline, 5_250);
});

Deno.test(
  "a stall inside a burst does not send the rest of it late",
  { permissions: "none" },
  () => {
    const machine = new UdpClientMachine({ interval: 1_000, burst: 10 }, {}, 0);
    run(machine, 100);
    assertEquals(words(machine.tick(3_000)), ["skipped", "send 1"]);
  },
);

Deno.test(
  "a stall beyond the last burst still ends with that burst",
  { permissions: "none" },
  () => {
    const machine = new UdpClientMachine({ interval: 1_000, burst: 1, count: 3 }, {}, 0);
    machine.tick(0);
    assertEquals(words(machine.tick(DAY)), ["skipped", "send 1", "sent", "done"]);
  },
);

Deno.test("a failure is said once for its burst and ends it", { permissions: "none" }, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 10 }, {}, 0);
  machine.tick(0);
  assertEquals(machine.handle(unreachable(1), 1), [{
    type: "send-failed",
    burst: 1,
    code: "unreachable",
    message: "Cannot send to 10.0.0.1:6500: No route to host",
  }]);
  assertEquals(machine.handle(unreachable(1), 2), []);
  assertEquals([machine.tick(999), machine.deadline], [[], 1_000]);
  assertEquals(words(machine.tick(1_000)), ["send 1"]);
  assertEquals(words(machine.handle(unreachable(2), 1_001)), ["send-failed"]);
});

Deno.test("a failure that comes when the next burst has begun does not end that one", {
  permissions: "none",
}, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 2, spread: 0 }, {}, 0);
  machine.tick(0);
  machine.tick(1_000);
  assertEquals(words(machine.handle(unreachable(2), 1_001)), ["send-failed"]);
  assertEquals(machine.handle(unreachable(1), 1_002), []);
  assertEquals(words(machine.tick(2_000)), ["send 1", "send 2", "sent"]);
});

Deno.test("a failure in the last burst is the end as well", { permissions: "none" }, () => {
  const machine = new UdpClientMachine({ interval: 1_000, burst: 10, count: 1 }, {}, 0);
  machine.tick(0);
  assertEquals(words(machine.handle(unreachable(1), 1)), ["send-failed", "done"]);
  assertEquals(machine.deadline, undefined);
});

Deno.test(
  "an interval above 2^31 ms is an interval like any other",
  { permissions: "none" },
  () => {
    const machine = new UdpClientMachine({ interval: 40 * DAY, burst: 1 }, {}, 0);
    assertEquals(sends(run(machine, 81 * DAY)).map(([now]) => now), [0, 40 * DAY, 80 * DAY]);
  },
);

// Bursts that start on the same second overflow the server's socket.
Deno.test("field note: a thousand clients started at one instant spread their datagrams", {
  permissions: "none",
}, () => {
  const random = seededRandom(1);
  const interval = 1_000, sent = new Array<number>(3 * interval).fill(0);
  for (let i = 0; i < 1_000; i++) {
    const machine = new UdpClientMachine({ interval }, {}, random() * interval);
    for (const [now] of sends(run(machine, 3 * interval - 1))) sent[Math.floor(now)]!++;
  }
  // Ten a millisecond on average; a socket buffer holds 256. Sent on the second it would be 1,000.
  assert(Math.max(...sent) <= 30, `${Math.max(...sent)} datagrams in one millisecond`);
});

const WRONG: [schedule: UdpSchedule, message: string][] = [
  [{ interval: 0 }, "Cannot use interval: wanted a number of milliseconds above 0"],
  [{ interval: -1 }, "Cannot use interval"],
  [{ interval: NaN }, "Cannot use interval"],
  [{ interval: Infinity }, "Cannot use interval"],
  [{ burst: 0 }, "Cannot use burst: wanted a whole number in 1..10, current value is 0"],
  [{ burst: 11 }, "Cannot use burst"],
  [{ burst: 2.5 }, "Cannot use burst"],
  [{ spread: -0.1 }, "Cannot use spread: wanted a number in 0..1"],
  [{ spread: 1.1 }, "Cannot use spread"],
  [{ count: 0 }, "Cannot use count"],
  [{ count: 1.5 }, "Cannot use count"],
];

for (const [schedule, message] of WRONG) {
  const [[name, value]] = Object.entries(schedule) as [[string, number]];
  Deno.test(`a schedule with ${name} ${value} is refused`, { permissions: "none" }, () => {
    assertThrows(() => new UdpClientMachine(schedule, {}, 0), HeartlineError, message);
  });
}

import { assertEquals, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import { UdpServerMachine } from "../../udp/server_machine.ts";
import type { UdpServerMachineOptions } from "../../udp/options.ts";
import { A, B, Bench, C, DAY, TIMEOUT, watching } from "../support/udp_bench.ts";

function test(name: string, body: () => void): void {
  Deno.test(name, { permissions: "none" }, body);
}

// The states of one client.

test("a registered client is waiting, and its first heartbeat brings it up", () => {
  const bench = watching();
  assertEquals(bench.stateOf(A), "waiting");
  assertEquals(bench.beat(A).said(), [{ type: "up", client: A }]);
  assertEquals(bench.stateOf(A), "up");
});

test("a heartbeat from a client that is up says nothing", () => {
  assertEquals(watching().beat(A).beat(A, { sequence: 2 }).said().length, 1);
});

test("the alarm comes exactly when the timeout is over, once", () => {
  const bench = watching().to(1_000).beat(A);
  assertEquals(bench.to(1_000 + TIMEOUT - 0.001).words(), [`up ${A}`]);
  const alarm = { type: "down", client: A, timeout: TIMEOUT, silentFor: TIMEOUT } as const;
  assertEquals(bench.to(1_000 + TIMEOUT).said(), [alarm]);
  assertEquals([bench.stateOf(A), bench.to(DAY).said()], ["down", []]);
});

test("a client that was never heard is alarmed as well", () => {
  const bench = watching().to(TIMEOUT);
  assertEquals(bench.said(), [{ type: "down", client: A, timeout: TIMEOUT, silentFor: TIMEOUT }]);
});

test("one of ten datagrams is enough, whichever it is", () => {
  for (let sequence = 1; sequence <= 10; sequence++) {
    const bench = watching().beat(A, { sequence }).to(TIMEOUT - 1).beat(A, { sequence });
    assertEquals(bench.to(2 * TIMEOUT - 2).words(), [`up ${A}`]);
  }
});

test("a heartbeat after the alarm is a recovery, with how long it was down and silent", () => {
  const bench = watching().beat(A).to(TIMEOUT + 4_000);
  bench.said();
  const recovered = { client: A, downFor: 4_000, silentFor: TIMEOUT + 4_000 };
  assertEquals(bench.beat(A).said(), [{ type: "recovered", ...recovered }]);
  assertEquals(bench.to(2 * TIMEOUT + 4_000).words(), [`down ${A}`]);
});

test("a heartbeat at the very instant of the deadline comes first if it was read first", () => {
  const bench = watching().beat(A).to(TIMEOUT - 1);
  bench.now = TIMEOUT;
  assertEquals(bench.beat(A).to(TIMEOUT).words(), [`up ${A}`]);
});

test("early and repeated ticks say nothing", () => {
  const { machine: server } = watching();
  assertEquals([server.tick(0), server.tick(0), server.tick(1_999)], [[], [], []]);
  assertEquals([server.tick(TIMEOUT).length > 0, server.tick(TIMEOUT)], [true, []]);
});

test("`beat` events are off unless asked for, and then tell delay and arrival", () => {
  const bench = watching({ emitBeats: true }).beat(A).to(500).beat(A, { sequence: 3, delay: 20 });
  const [up, first, third] = bench.said();
  assertEquals(up, { type: "up", client: A });
  const beat = { type: "beat", client: A, late: false } as const;
  assertEquals(first, { ...beat, sequence: 1, delay: 0, arrival: "next" });
  assertEquals(third!.type === "beat" && { ...third, delay: Math.round(third.delay) }, {
    ...beat,
    sequence: 3,
    delay: 20,
    arrival: "gap",
  });
});

test("the report of a client tells its bursts, its loss and its silence", () => {
  const bench = watching();
  for (const sequence of [1, 2, 3, 5]) bench.to(100 * sequence).beat(A, { sequence });
  bench.beat(A, { sequence: 5 });
  const [report] = bench.to(10_000).machine.reports(10_000);
  assertEquals([report!.client, report!.state, report!.timeout], [A, "up", TIMEOUT]);
  assertEquals([report!.silentFor, report!.bursts, report!.datagramsPerBurst], [9_500, 1, 4]);
  assertEquals(report!.downCount, 0);
  assertEquals([report!.reception.loss, report!.reception.duplicates], [0.2, 1]);
});

// Datagrams that are no heartbeat of a client.

test("what is rejected is reported at most once a second, and nothing is lost in the count", () => {
  const bench = watching();
  bench.datagram(A, "rubbish");
  for (let i = 0; i < 99; i++) bench.datagram(B, "rubbish");
  const report = { type: "rejected", reason: "malformed" } as const;
  assertEquals(bench.said(), [{ ...report, from: A, count: 1 }]);
  assertEquals(bench.to(3_000).said(), [{ ...report, from: B, count: 99 }]);
  assertEquals(bench.machine.rejections(), { malformed: 100 });
});

test("each reason is counted and reported apart", () => {
  const bench = watching().datagram(A, "rubbish").datagram(A, "heartbeat 11 1").beat(B);
  assertEquals(bench.said().map((event) => event.type === "rejected" && event.reason), [
    "malformed",
    "sequence-out-of-range",
    "unregistered",
  ]);
  const counts = { malformed: 1, "sequence-out-of-range": 1, unregistered: 1 };
  assertEquals(bench.machine.rejections(), counts);
});

test("what is rejected changes no state and no deadline", () => {
  const bench = watching().to(20_000).datagram(A, "heartbeat 0 1").datagram(A, "").beat(B);
  assertEquals(bench.stateOf(A), "waiting");
  bench.said();
  bench.to(TIMEOUT);
  assertEquals(bench.words().filter((word) => word !== "rejected"), [`down ${A}`]);
});

test("another port of the same host is another client", () => {
  const bench = watching().beat("10.0.0.1:5002");
  assertEquals([bench.words(), bench.stateOf(A)], [["rejected"], "waiting"]);
});

// Who is watched.

test("an unknown address is registered by its first heartbeat if wished", () => {
  const bench = new Bench({ autoRegisterTimeout: TIMEOUT }).datagram(A, "rubbish");
  assertEquals([bench.words(), bench.machine.size], [["rejected"], 0]);
  bench.beat(A);
  assertEquals(bench.said(), [
    { type: "registered", client: A, timeout: TIMEOUT },
    { type: "up", client: A },
  ]);
  assertEquals(bench.to(TIMEOUT).words(), [`down ${A}`]);
});

test("an automatic registration ends after it was down for long", () => {
  const bench = new Bench({ autoRegisterTimeout: TIMEOUT, forgetAfter: DAY }).beat(A).to(TIMEOUT);
  bench.said();
  assertEquals(bench.to(TIMEOUT + DAY - 1).said(), []);
  assertEquals(bench.to(TIMEOUT + DAY).said(), [{ type: "forgotten", client: A }]);
  assertEquals([bench.machine.size, bench.beat(A).words()], [0, [`registered ${A}`, `up ${A}`]]);
});

test("an automatic registration that recovers in time is kept", () => {
  const bench = new Bench({ autoRegisterTimeout: TIMEOUT, forgetAfter: 60_000 }).beat(A).to(80_000);
  assertEquals(bench.beat(A).to(110_000).words().slice(2), [
    `down ${A}`,
    `recovered ${A}`,
    `down ${A}`,
  ]);
});

test("a client that somebody registered is never forgotten", () => {
  const bench = watching({ forgetAfter: 60_000 }).to(DAY);
  assertEquals([bench.words(), bench.stateOf(A)], [[`down ${A}`], "down"]);
});

test("an automatic client that somebody registers is no longer forgotten", () => {
  const bench = new Bench({ autoRegisterTimeout: TIMEOUT, forgetAfter: 60_000 }).beat(A).to(40_000);
  bench.register(A, TIMEOUT).to(DAY);
  assertEquals([bench.words().at(-1), bench.stateOf(A)], [`registered ${A}`, "down"]);
  bench.beat(A).to(2 * DAY);
  assertEquals([bench.words(), bench.stateOf(A)], [[`recovered ${A}`, `down ${A}`], "down"]);
});

test("more clients than allowed are rejected, and registering by hand still works", () => {
  const bench = new Bench({ autoRegisterTimeout: TIMEOUT, maxClients: 2 }).beat(A).beat(B).beat(C);
  assertEquals(bench.words().slice(4), ["rejected"]);
  assertEquals(bench.machine.rejections(), { "too-many-clients": 1 });
  assertEquals(bench.register(C, TIMEOUT).words(), [`registered ${C}`]);
});

test("an unregistered client raises no alarm and is a stranger again", () => {
  const bench = watching().beat(A).unregister(A).unregister(B);
  assertEquals([bench.to(DAY).words(), bench.machine.size], [[`up ${A}`], 0]);
  assertEquals(bench.beat(A).words(), ["rejected"]);
});

test("what a client did not send while it was down is not lost", () => {
  const bench = watching();
  for (const start of [0, 3_600_000]) {
    for (let burst = 0; burst < 5; burst++) {
      for (let sequence = 1; sequence <= 10; sequence++) {
        bench.to(start + burst * 10_000 + sequence * 500).beat(A, { sequence });
      }
    }
  }
  const [report] = bench.machine.reports(bench.now);
  assertEquals([report!.reception.received, report!.reception.expected], [100, 100]);
});

test("a client that is registered again keeps its state and gets its new timeout", () => {
  const bench = watching().beat(A).to(5_000).register(A, 10_000);
  assertEquals(bench.said().at(-1), { type: "registered", client: A, timeout: 10_000 });
  assertEquals(bench.stateOf(A), "up");
  assertEquals(bench.to(9_999).said(), []);
  assertEquals(bench.to(10_000).words(), [`down ${A}`]);
});

test("a client that is down and registered again stays down, silently", () => {
  const bench = watching().to(TIMEOUT).register(A, 10_000).to(DAY);
  assertEquals(bench.words(), [`down ${A}`, `registered ${A}`]);
  assertEquals(bench.beat(A).words(), [`recovered ${A}`]);
});

// Our own pauses and our own loss.

test("field note: a stall of our own moves every deadline by as much and is said", () => {
  const bench = new Bench({ clients: [A, B].map((address) => ({ address, timeout: TIMEOUT })) });
  bench.beat(A).to(10_000).beat(B).to(29_000).stall(5_000);
  assertEquals(bench.said().at(-1), { type: "stalled", by: 5_000 });
  assertEquals(bench.to(34_999).said(), []);
  assertEquals(bench.to(35_000).words(), [`down ${A}`]);
  assertEquals(bench.to(45_000).words(), [`down ${B}`]);
});

test("a deadline that is set after a stall is not moved by it", () => {
  const bench = watching().beat(A).to(10_000).stall(5_000).beat(A);
  assertEquals(bench.to(44_999).words(), [`up ${A}`, "stalled"]);
  assertEquals(bench.to(45_000).words(), [`down ${A}`]);
});

test("a stall moves a deadline as well that a heartbeat had moved before it", () => {
  const bench = watching().beat(A).to(20_000).beat(A).to(40_000).stall(5_000);
  assertEquals(bench.to(54_999).words(), [`up ${A}`, "stalled"]);
  assertEquals(bench.to(55_000).words(), [`down ${A}`]);
});

test("neither registering again nor a restart counts the stall as silence", () => {
  const bench = watching().beat(A).to(28_000).stall(5_000).register(A, TIMEOUT);
  assertEquals(bench.words(), [`up ${A}`, "stalled", `registered ${A}`]);
  const successor = bench.restart();
  assertEquals(successor.to(successor.now + 1_999).said(), []);
  assertEquals(successor.to(successor.now + 1).words(), [`down ${A}`]);
});

test("what our own kernel dropped is said as our loss, once", () => {
  const bench = watching().kernelDrops(0).kernelDrops(7).kernelDrops(7).kernelDrops(8);
  const loss = [{ type: "overflowed", count: 7 }, { type: "overflowed", count: 1 }] as const;
  assertEquals(bench.said(), [...loss]);
});

test("the machine asks for the kernel's count every two seconds", () => {
  const { machine: server } = watching();
  assertEquals([server.deadline, server.tick(1_999)], [2_000, []]);
  assertEquals([server.tick(2_000), server.deadline], [[{ type: "count-drops" }], 4_000]);
});

// Options.

const WRONG: [options: UdpServerMachineOptions, message: string][] = [
  [{ autoRegisterTimeout: 0 }, "Cannot use autoRegisterTimeout"],
  [{ grace: -1 }, "Cannot use grace"],
  [{ groupWait: NaN }, "Cannot use groupWait"],
  [{ maxClients: 0 }, "Cannot use maxClients"],
  [{ forgetAfter: 0 }, "Cannot use forgetAfter"],
  [{ clients: [{ address: "10.0.0.1", timeout: 1 }] }, "Cannot use address: wanted HOST:PORT"],
  [{ clients: [{ address: A, timeout: 0 }] }, "Cannot use timeout"],
];

for (const [options, message] of WRONG) {
  test(`a server with ${JSON.stringify(options)} is refused`, () => {
    assertThrows(() => new UdpServerMachine(options, {}, 0), HeartlineError, message);
  });
}

test("a hundred thousand forged senders fill no more than the places there are", () => {
  const server = new UdpServerMachine({ autoRegisterTimeout: TIMEOUT, maxClients: 1_000 }, {}, 0);
  const beat = encodeHeartbeat({ sequence: 1, sentAt: 0 });
  for (let i = 0; i < 100_000; i++) {
    server.receive(beat, { hostname: `10.0.${i >> 16}.1`, port: i & 65_535 }, i / 100, 0);
  }
  assertEquals([server.size, server.reports(0).length], [1_000, 1_000]);
  assertEquals(server.rejections(), { "too-many-clients": 99_000 });
});

test("a datagram says the same by both of its methods", () => {
  const bytes = encodeHeartbeat({ sequence: 1, sentAt: 0 });
  const from = { hostname: "10.0.0.1", port: 5001 };
  const watch = () => new UdpServerMachine({ clients: [{ address: A, timeout: TIMEOUT }] }, {}, 0);
  const [one, other] = [watch(), watch()];
  const said = one.handle({ type: "datagram", bytes, from, wall: 0 }, 1);
  assertEquals(said.map(({ type }) => type), ["up"]);
  assertEquals(said, other.receive(bytes, from, 1, 0));
  assertEquals([one.heartbeats, one.stateCounts()], [1, { waiting: 0, up: 1, down: 0 }]);
});

test("a client that registered itself and is down is forgotten as late as if nothing had stopped", () => {
  const options = { autoRegisterTimeout: TIMEOUT, forgetAfter: 60_000 };
  const bench = new Bench(options).beat(A).to(TIMEOUT + 10_000).restart(options);
  const restarted = bench.now;
  assertEquals(bench.to(restarted + 49_999).words(), []);
  assertEquals(bench.to(restarted + 50_000).words(), [`forgotten ${A}`]);
});

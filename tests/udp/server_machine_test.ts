import { assert, assertEquals, assertThrows } from "@std/assert";
import { parseAddress } from "../../core/address.ts";
import { HeartlineError } from "../../core/errors.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import {
  UdpServerMachine,
  type UdpServerMachineOptions,
  type UdpServerOutput,
} from "../../udp/server_machine.ts";
import { checkUdpServerState } from "../../udp/server_state.ts";

const A = "10.0.0.1:5001", B = "10.0.0.2:5001", C = "10.0.0.3:5001";
const TIMEOUT = 30_000;
const DAY = 86_400_000;
const WALL = Date.UTC(2026, 0, 1);

/** A server in virtual time: every step goes to the next deadline, so no verdict is skipped. */
class Bench {
  readonly server: UdpServerMachine;
  /** Everything said so far but the wish to count drops, and since when nobody took it. */
  #said: UdpServerOutput[] = [];
  now: number;

  constructor(options: UdpServerMachineOptions, now = 0) {
    this.now = now;
    this.server = new UdpServerMachine(options, now);
  }

  /** Lets time pass up to and including `now`. */
  to(now: number): this {
    for (let due; (due = this.server.deadline) !== undefined && due <= now;) {
      this.now = Math.max(due, this.now);
      this.#note(this.server.tick(this.now));
    }
    this.now = now;
    return this;
  }

  /** One datagram that was sent `delay` ms ago by a clock that is `ahead` of ours. */
  beat(client: string, { sequence = 1, delay = 0, ahead = 0 } = {}): this {
    const wall = WALL + this.now;
    return this.datagram(client, encodeHeartbeat({ sequence, sentAt: wall - delay + ahead }));
  }

  datagram(client: string, bytes: Uint8Array | string): this {
    const raw = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    const wall = WALL + this.now;
    this.#note(this.server.receive(raw, parseAddress(client), this.now, wall));
    return this;
  }

  register(address: string, timeout: number, group?: string): this {
    const client = { address, timeout, ...(group !== undefined && { group }) };
    this.#note(this.server.handle({ type: "register", client }, this.now));
    return this;
  }

  unregister(address: string): this {
    this.#note(this.server.handle({ type: "unregister", address }, this.now));
    return this;
  }

  /** This process did not run until now, for `by` ms. */
  stall(by: number): this {
    this.now += by;
    this.#note(this.server.handle({ type: "lagged", by }, this.now));
    return this;
  }

  kernelDrops(total: number): this {
    this.#note(this.server.handle({ type: "kernel-drops", total }, this.now));
    return this;
  }

  /** What was said since the last call. */
  said(): UdpServerOutput[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  /** The same as words: "alarm 10.0.0.1:5001". */
  words(): string[] {
    return this.said().map((event) =>
      "client" in event ? `${event.type} ${event.client}` : event.type
    );
  }

  stateOf(client: string): string | undefined {
    return this.server.reports(this.now).find((report) => report.client === client)?.state;
  }

  /** A server that goes on where this one stops, `pause` ms later, by way of a file. */
  restart(options: UdpServerMachineOptions = {}, pause = 1_000): Bench {
    const file = JSON.stringify(this.server.state(this.now));
    const state = checkUdpServerState(JSON.parse(file));
    // Another process has another monotonic scale.
    return new Bench({ ...options, state }, 500_000_000 + pause);
  }

  #note(outputs: readonly UdpServerOutput[]): void {
    for (const output of outputs) if (output.type !== "count-drops") this.#said.push(output);
  }
}

const watching = (options: UdpServerMachineOptions = {}) =>
  new Bench({ clients: [{ address: A, timeout: TIMEOUT }], ...options });

const grouped = (options: UdpServerMachineOptions = {}) =>
  new Bench({
    clients: [A, B, C].map((address) => ({ address, timeout: TIMEOUT, group: "rack 7" })),
    groupWait: 5_000,
    ...options,
  });

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
  const alarm = { type: "alarm", client: A, timeout: TIMEOUT, silentFor: TIMEOUT } as const;
  assertEquals(bench.to(1_000 + TIMEOUT).said(), [alarm]);
  assertEquals([bench.stateOf(A), bench.to(DAY).said()], ["down", []]);
});

test("a client that was never heard is alarmed as well", () => {
  const bench = watching().to(TIMEOUT);
  assertEquals(bench.said(), [{ type: "alarm", client: A, timeout: TIMEOUT, silentFor: TIMEOUT }]);
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
  assertEquals(bench.to(2 * TIMEOUT + 4_000).words(), [`alarm ${A}`]);
});

test("a heartbeat at the very instant of the deadline comes first if it was read first", () => {
  const bench = watching().beat(A).to(TIMEOUT - 1);
  bench.now = TIMEOUT;
  assertEquals(bench.beat(A).to(TIMEOUT).words(), [`up ${A}`]);
});

test("early and repeated ticks say nothing", () => {
  const { server } = watching();
  assertEquals([server.tick(0), server.tick(0), server.tick(1_999)], [[], [], []]);
  assertEquals([server.tick(TIMEOUT).length > 0, server.tick(TIMEOUT)], [true, []]);
});

test("`beat` events are off unless asked for, and then tell delay and arrival", () => {
  const bench = watching({ beats: true }).beat(A).to(500).beat(A, { sequence: 3, delay: 20 });
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
  const [report] = bench.to(10_000).server.reports(10_000);
  assertEquals([report!.client, report!.state, report!.timeout], [A, "up", TIMEOUT]);
  assertEquals([report!.silentFor, report!.bursts, report!.datagramsPerBurst], [9_500, 1, 4]);
  assertEquals([report!.link.loss, report!.link.duplicates], [0.2, 1]);
});

// Field notes, one test a row.

test("field note: late by a hair is no alarm, because grace is added to the timeout", () => {
  const bench = watching({ grace: 500 }).beat(A).to(TIMEOUT + 499).beat(A);
  assertEquals(bench.words(), [`up ${A}`]);
  bench.to(2 * TIMEOUT + 499 + 500);
  const alarm = { type: "alarm", client: A, timeout: TIMEOUT, silentFor: TIMEOUT + 500 } as const;
  assertEquals(bench.said(), [alarm]);
});

test("field note: a step of the wall clock moves no deadline", () => {
  for (const step of [-3_600_000, 3_600_000, -50 * 365 * DAY]) {
    const bench = watching().beat(A);
    for (let now = 10_000; now <= 600_000; now += 10_000) {
      bench.to(now).beat(A, { ahead: now < 300_000 ? 0 : step });
    }
    assertEquals(bench.words(), [`up ${A}`]);
    assertEquals(bench.to(600_000 + TIMEOUT).words(), [`alarm ${A}`]);
  }
});

test("field note: a restart of the monitor does not repeat alarms", () => {
  const successor = watching().beat(A).to(TIMEOUT + 4_000).restart();
  assertEquals([successor.stateOf(A), successor.to(500_000_000 + DAY).said()], ["down", []]);
  const [recovered] = successor.beat(A).said();
  assertEquals(recovered, {
    type: "recovered",
    client: A,
    downFor: 4_000 + DAY - 1_000,
    silentFor: TIMEOUT + 4_000 + DAY - 1_000,
  });
});

test("field note: a restart of the monitor resumes the remaining time", () => {
  const bench = watching({ clients: [{ address: A, timeout: 30 * 3_600_000 }] });
  // A monitor that is restarted every night must still see that nothing came for 30 hours.
  const second = bench.beat(A).to(20 * 3_600_000).restart({}, 0);
  assertEquals(second.to(second.now + 10 * 3_600_000 - 1).said(), []);
  assertEquals(second.to(second.now + 1).words(), [`alarm ${A}`]);
});

test("a restart with the same clients in its options resumes the remaining time, too", () => {
  const clients = [{ address: A, timeout: TIMEOUT }, { address: B, timeout: TIMEOUT }];
  const successor = watching().beat(A).to(20_000).restart({ clients }, 0);
  assertEquals(successor.to(successor.now + 10_000).words(), [`alarm ${A}`]);
  assertEquals(successor.to(successor.now + 20_000).words(), [`alarm ${B}`]);
});

test("a restart keeps waiting clients waiting and automatic ones automatic", () => {
  const bench = watching({ autoRegister: TIMEOUT }).to(5_000).beat(B).to(10_000);
  const successor = bench.restart({ forgetAfter: 60_000 });
  assertEquals([successor.stateOf(A), successor.stateOf(B)], ["waiting", "up"]);
  successor.to(successor.now + 100_000);
  assertEquals(successor.words(), [`alarm ${A}`, `alarm ${B}`, `forgotten ${B}`]);
});

test("field note: a timeout above 2^31 ms is a timeout like any other", () => {
  const timeout = 40 * DAY;
  const bench = watching({ clients: [{ address: A, timeout }] }).beat(A);
  assertEquals(bench.to(timeout - 1).words(), [`up ${A}`]);
  assertEquals(bench.to(timeout).words(), [`alarm ${A}`]);
});

test("an infinite timeout never raises an alarm, also after a restart", () => {
  const bench = watching({ clients: [{ address: A, timeout: Infinity }] }).beat(A).to(DAY);
  assertEquals(bench.words(), [`up ${A}`]);
  const successor = bench.stall(5_000).restart();
  assertEquals(successor.to(successor.now + DAY).said(), []);
  successor.register(A, TIMEOUT);
  assertEquals(successor.to(successor.now + 1).words(), [`registered ${A}`, `alarm ${A}`]);
});

test("field note: old beats that the network held back do not bring a client back", () => {
  const bench = watching({ beats: true }).beat(A).to(10_000).beat(A).to(100_000);
  bench.said();
  // A router reconnects and delivers what the client sent before it died, in one lump.
  for (let sent = 20_000; sent <= 30_000; sent += 500) bench.beat(A, { delay: 100_000 - sent });
  const said = bench.said();
  assert(said.every((event) => event.type === "beat" && event.late));
  assertEquals([said.length, bench.stateOf(A)], [21, "down"]);
  // The first beat that is not held back does.
  assertEquals(bench.to(101_000).beat(A).words(), [`recovered ${A}`, `beat ${A}`]);
});

test("a held-back lump is one burst after another and not a new start for each datagram", () => {
  const bench = watching().beat(A).to(10_000).beat(A).to(100_000);
  for (const sequence of [1, 2, 3, 4]) bench.beat(A, { sequence, delay: 80_000 - 500 * sequence });
  assertEquals(bench.server.reports(bench.now)[0]!.bursts, 3);
});

test("a held-back beat keeps a client up that is up", () => {
  const bench = watching().beat(A).to(20_000).beat(A, { delay: 15_000 });
  assertEquals(bench.to(49_999).words(), [`up ${A}`]);
  assertEquals(bench.to(50_000).words(), [`alarm ${A}`]);
});

test("a client whose clock was set back while it was down recovers with its second beat", () => {
  const bench = watching().beat(A).to(100_000);
  bench.said();
  assertEquals(bench.beat(A, { ahead: -3_600_000 }).said(), []);
  bench.to(100_500).beat(A, { sequence: 2, ahead: -3_600_000 });
  assertEquals(bench.words(), [`recovered ${A}`]);
});

test("a client whose clock was set ahead while it was down recovers at once", () => {
  const bench = watching().beat(A).to(100_000).beat(A, { ahead: 3_600_000 });
  assertEquals(bench.words(), [`up ${A}`, `alarm ${A}`, `recovered ${A}`]);
});

test("field note: one uplink failure is one alarm that names the group", () => {
  const bench = grouped().to(1_000).beat(A).to(2_000).beat(B).to(3_000).beat(C);
  bench.said();
  assertEquals(bench.to(31_000 + 5_000 - 1).said(), []);
  const alarm = { group: "rack 7", clients: [A, B, C], silentFor: 35_000 };
  assertEquals(bench.to(36_000).said(), [{ type: "group-alarm", ...alarm }]);
  assertEquals(bench.to(DAY).said(), []);
  assertEquals(bench.beat(A).words(), [`recovered ${A}`]);
});

test("one silent client of a group is an ordinary alarm", () => {
  const bench = grouped().beat(A).beat(B).beat(C).to(20_000).beat(B).beat(C).to(35_000);
  const alarm = { type: "alarm", client: A, timeout: TIMEOUT, silentFor: 35_000 } as const;
  assertEquals(bench.said().slice(3), [alarm]);
});

test("a client of a group that is back while the group waits was never gone", () => {
  const bench = grouped().beat(A).beat(B).beat(C).to(20_000).beat(B).to(31_000);
  bench.said();
  bench.beat(A);
  assertEquals([bench.words(), bench.stateOf(A)], [[], "up"]);
  assertEquals(bench.to(35_000).words(), [`alarm ${C}`]);
});

test("a client of a group that flaps while the group waits is named once", () => {
  const clients = [{ address: A, timeout: 1_000, group: "rack 7" }];
  const bench = new Bench({ clients, groupWait: 5_000 }).beat(A).to(2_000).beat(A).to(6_000);
  assertEquals(bench.words(), [`up ${A}`, `alarm ${A}`]);
});

test("a group that falls silent again raises another alarm", () => {
  const bench = grouped().to(35_000);
  assertEquals(bench.words(), ["group-alarm"]);
  for (const client of [A, B, C]) bench.beat(client);
  assertEquals(bench.words(), [`recovered ${A}`, `recovered ${B}`, `recovered ${C}`]);
  assertEquals(bench.to(100_000).words(), ["group-alarm"]);
});

test("a client that is unregistered while its group waits is not in the alarm", () => {
  const bench = grouped().to(31_000).unregister(B).to(35_000);
  const [alarm] = bench.said();
  assertEquals(alarm!.type === "group-alarm" && alarm.clients.toSorted(), [A, C]);
});

test("a group alarm that was not said yet is said by the successor", () => {
  const successor = grouped().to(32_000).restart();
  assertEquals(successor.to(successor.now + 4_999).said(), []);
  const [alarm] = successor.to(successor.now + 1).said();
  assertEquals(alarm!.type === "group-alarm" && alarm.clients.toSorted(), [A, B, C]);
});

// Datagrams that are no heartbeat of a client.

test("what is rejected is reported at most once a second, and nothing is lost in the count", () => {
  const bench = watching();
  bench.datagram(A, "rubbish");
  for (let i = 0; i < 99; i++) bench.datagram(B, "rubbish");
  const report = { type: "rejected", reason: "malformed" } as const;
  assertEquals(bench.said(), [{ ...report, from: A, count: 1 }]);
  assertEquals(bench.to(3_000).said(), [{ ...report, from: B, count: 99 }]);
  assertEquals(bench.server.rejections(), { malformed: 100 });
});

test("each reason is counted and reported apart", () => {
  const bench = watching().datagram(A, "rubbish").datagram(A, "heartbeat 11 1").beat(B);
  assertEquals(bench.said().map((event) => event.type === "rejected" && event.reason), [
    "malformed",
    "sequence-out-of-range",
    "unregistered",
  ]);
  const counts = { malformed: 1, "sequence-out-of-range": 1, unregistered: 1 };
  assertEquals(bench.server.rejections(), counts);
});

test("what is rejected changes no state and no deadline", () => {
  const bench = watching().to(20_000).datagram(A, "heartbeat 0 1").datagram(A, "").beat(B);
  assertEquals(bench.stateOf(A), "waiting");
  bench.said();
  bench.to(TIMEOUT);
  assertEquals(bench.words().filter((word) => word !== "rejected"), [`alarm ${A}`]);
});

test("another port of the same host is another client", () => {
  const bench = watching().beat("10.0.0.1:5002");
  assertEquals([bench.words(), bench.stateOf(A)], [["rejected"], "waiting"]);
});

// Who is watched.

test("an unknown address is registered by its first heartbeat if wished", () => {
  const bench = new Bench({ autoRegister: TIMEOUT }).datagram(A, "rubbish");
  assertEquals([bench.words(), bench.server.size], [["rejected"], 0]);
  bench.beat(A);
  assertEquals(bench.said(), [
    { type: "registered", client: A, timeout: TIMEOUT },
    { type: "up", client: A },
  ]);
  assertEquals(bench.to(TIMEOUT).words(), [`alarm ${A}`]);
});

test("an automatic registration ends after it was down for long", () => {
  const bench = new Bench({ autoRegister: TIMEOUT, forgetAfter: DAY }).beat(A).to(TIMEOUT);
  bench.said();
  assertEquals(bench.to(TIMEOUT + DAY - 1).said(), []);
  assertEquals(bench.to(TIMEOUT + DAY).said(), [{ type: "forgotten", client: A }]);
  assertEquals([bench.server.size, bench.beat(A).words()], [0, [`registered ${A}`, `up ${A}`]]);
});

test("an automatic registration that recovers in time is kept", () => {
  const bench = new Bench({ autoRegister: TIMEOUT, forgetAfter: 60_000 }).beat(A).to(80_000);
  assertEquals(bench.beat(A).to(110_000).words().slice(2), [
    `alarm ${A}`,
    `recovered ${A}`,
    `alarm ${A}`,
  ]);
});

test("a client that somebody registered is never forgotten", () => {
  const bench = watching({ forgetAfter: 60_000 }).to(DAY);
  assertEquals([bench.words(), bench.stateOf(A)], [[`alarm ${A}`], "down"]);
});

test("an automatic client that somebody registers is no longer forgotten", () => {
  const bench = new Bench({ autoRegister: TIMEOUT, forgetAfter: 60_000 }).beat(A).to(40_000);
  bench.register(A, TIMEOUT).to(DAY);
  assertEquals([bench.words().at(-1), bench.stateOf(A)], [`registered ${A}`, "down"]);
  bench.beat(A).to(2 * DAY);
  assertEquals([bench.words(), bench.stateOf(A)], [[`recovered ${A}`, `alarm ${A}`], "down"]);
});

test("more clients than allowed are rejected, and registering by hand still works", () => {
  const bench = new Bench({ autoRegister: TIMEOUT, maxClients: 2 }).beat(A).beat(B).beat(C);
  assertEquals(bench.words().slice(4), ["rejected"]);
  assertEquals(bench.server.rejections(), { "too-many-clients": 1 });
  assertEquals(bench.register(C, TIMEOUT).words(), [`registered ${C}`]);
});

test("an unregistered client raises no alarm and is a stranger again", () => {
  const bench = watching().beat(A).unregister(A).unregister(B);
  assertEquals([bench.to(DAY).words(), bench.server.size], [[`up ${A}`], 0]);
  assertEquals(bench.beat(A).words(), ["rejected"]);
});

test("a client that is registered again keeps its state and gets its new timeout", () => {
  const bench = watching().beat(A).to(5_000).register(A, 10_000);
  assertEquals(bench.said().at(-1), { type: "registered", client: A, timeout: 10_000 });
  assertEquals(bench.stateOf(A), "up");
  assertEquals(bench.to(9_999).said(), []);
  assertEquals(bench.to(10_000).words(), [`alarm ${A}`]);
});

test("a client that is down and registered again stays down, silently", () => {
  const bench = watching().to(TIMEOUT).register(A, 10_000).to(DAY);
  assertEquals(bench.words(), [`alarm ${A}`, `registered ${A}`]);
  assertEquals(bench.beat(A).words(), [`recovered ${A}`]);
});

// Our own pauses and our own loss.

test("field note: a stall of our own moves every deadline by as much and is said", () => {
  const bench = new Bench({ clients: [A, B].map((address) => ({ address, timeout: TIMEOUT })) });
  bench.beat(A).to(10_000).beat(B).to(29_000).stall(5_000);
  assertEquals(bench.said().at(-1), { type: "lagged", by: 5_000 });
  assertEquals(bench.to(34_999).said(), []);
  assertEquals(bench.to(35_000).words(), [`alarm ${A}`]);
  assertEquals(bench.to(45_000).words(), [`alarm ${B}`]);
});

test("a deadline that is set after a stall is not moved by it", () => {
  const bench = watching().beat(A).to(10_000).stall(5_000).beat(A);
  assertEquals(bench.to(44_999).words(), [`up ${A}`, "lagged"]);
  assertEquals(bench.to(45_000).words(), [`alarm ${A}`]);
});

test("neither registering again nor a restart counts the stall as silence", () => {
  const bench = watching().beat(A).to(28_000).stall(5_000).register(A, TIMEOUT);
  assertEquals(bench.words(), [`up ${A}`, "lagged", `registered ${A}`]);
  const successor = bench.restart();
  assertEquals(successor.to(successor.now + 1_999).said(), []);
  assertEquals(successor.to(successor.now + 1).words(), [`alarm ${A}`]);
});

test("what our own kernel dropped is said as our loss, once", () => {
  const bench = watching().kernelDrops(0).kernelDrops(7).kernelDrops(7).kernelDrops(8);
  const loss = [{ type: "overflowed", count: 7 }, { type: "overflowed", count: 1 }] as const;
  assertEquals(bench.said(), [...loss]);
});

test("the machine asks for the kernel's count every two seconds", () => {
  const { server } = watching();
  assertEquals([server.deadline, server.tick(1_999)], [2_000, []]);
  assertEquals([server.tick(2_000), server.deadline], [[{ type: "count-drops" }], 4_000]);
});

// Options.

const WRONG: [options: UdpServerMachineOptions, message: string][] = [
  [{ autoRegister: 0 }, "Cannot use autoRegister"],
  [{ grace: -1 }, "Cannot use grace"],
  [{ groupWait: NaN }, "Cannot use groupWait"],
  [{ maxClients: 0 }, "Cannot use maxClients"],
  [{ forgetAfter: 0 }, "Cannot use forgetAfter"],
  [{ clients: [{ address: "10.0.0.1", timeout: 1 }] }, "Cannot use address: wanted HOST:PORT"],
  [{ clients: [{ address: A, timeout: 0 }] }, "Cannot use timeout"],
];

for (const [options, message] of WRONG) {
  test(`a server with ${JSON.stringify(options)} is refused`, () => {
    assertThrows(() => new UdpServerMachine(options, 0), HeartlineError, message);
  });
}

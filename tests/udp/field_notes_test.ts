// Where heartbeat monitors fail their users, one test for each row of the field notes that concerns
// UDP and a machine without a socket; and what belongs next to it.

import { assert, assertEquals } from "@std/assert";
import { A, B, DAY, TIMEOUT, watching } from "../support/udp_bench.ts";

function test(name: string, body: () => void): void {
  Deno.test(name, { permissions: "none" }, body);
}

test("field note: late by a hair is no alarm, because grace is added to the timeout", () => {
  const bench = watching({ grace: 500 }).beat(A).to(TIMEOUT + 499).beat(A);
  assertEquals(bench.words(), [`up ${A}`]);
  bench.to(2 * TIMEOUT + 499 + 500);
  const alarm = { type: "down", client: A, timeout: TIMEOUT, silentFor: TIMEOUT + 500 } as const;
  assertEquals(bench.said(), [alarm]);
});

test("field note: a step of the wall clock moves no deadline", () => {
  for (const step of [-3_600_000, 3_600_000, -50 * 365 * DAY]) {
    const bench = watching().beat(A);
    for (let now = 10_000; now <= 600_000; now += 10_000) {
      bench.to(now).beat(A, { ahead: now < 300_000 ? 0 : step });
    }
    assertEquals(bench.words(), [`up ${A}`]);
    assertEquals(bench.to(600_000 + TIMEOUT).words(), [`down ${A}`]);
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
  assertEquals(second.to(second.now + 1).words(), [`down ${A}`]);
});

test("a restart with the same clients in its options resumes the remaining time, too", () => {
  const clients = [{ address: A, timeout: TIMEOUT }, { address: B, timeout: TIMEOUT }];
  const successor = watching().beat(A).to(20_000).restart({ clients }, 0);
  assertEquals(successor.to(successor.now + 10_000).words(), [`down ${A}`]);
  assertEquals(successor.to(successor.now + 20_000).words(), [`down ${B}`]);
});

test("a restart keeps waiting clients waiting and automatic ones automatic", () => {
  const bench = watching({ autoRegisterTimeout: TIMEOUT }).to(5_000).beat(B).to(10_000);
  const successor = bench.restart({ forgetAfter: 60_000 });
  assertEquals([successor.stateOf(A), successor.stateOf(B)], ["waiting", "up"]);
  successor.to(successor.now + 100_000);
  assertEquals(successor.words(), [`down ${A}`, `down ${B}`, `forgotten ${B}`]);
});

test("field note: a timeout above 2^31 ms is a timeout like any other", () => {
  const timeout = 40 * DAY;
  const bench = watching({ clients: [{ address: A, timeout }] }).beat(A);
  assertEquals(bench.to(timeout - 1).words(), [`up ${A}`]);
  assertEquals(bench.to(timeout).words(), [`down ${A}`]);
});

test("an infinite timeout never raises an alarm, also after a restart", () => {
  const bench = watching({ clients: [{ address: A, timeout: Infinity }] }).beat(A).to(DAY);
  assertEquals(bench.words(), [`up ${A}`]);
  const successor = bench.stall(5_000).restart();
  assertEquals(successor.to(successor.now + DAY).said(), []);
  successor.register(A, TIMEOUT);
  assertEquals(successor.to(successor.now + 1).words(), [`registered ${A}`, `down ${A}`]);
});

test("field note: old beats that the network held back do not bring a client back", () => {
  const bench = watching({ emitBeats: true }).beat(A).to(10_000).beat(A).to(100_000);
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
  assertEquals(bench.machine.reports(bench.now)[0]!.bursts, 3);
});

test("a held-back beat keeps a client up that is up", () => {
  const bench = watching().beat(A).to(20_000).beat(A, { delay: 15_000 });
  assertEquals(bench.to(49_999).words(), [`up ${A}`]);
  assertEquals(bench.to(50_000).words(), [`down ${A}`]);
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
  assertEquals(bench.words(), [`up ${A}`, `down ${A}`, `recovered ${A}`]);
});

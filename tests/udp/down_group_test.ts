import { assertEquals } from "@std/assert";
import type { UdpServerMachineOptions } from "../../udp/options.ts";
import { A, B, Bench, C, D, DAY, TIMEOUT } from "../support/udp_bench.ts";

const grouped = (options: UdpServerMachineOptions = {}) =>
  new Bench({
    clients: [A, B, C].map((address) => ({ address, timeout: TIMEOUT, group: "rack 7" })),
    groupWait: 5_000,
    ...options,
  });

function test(name: string, body: () => void): void {
  Deno.test(name, { permissions: "none" }, body);
}

test("field note: one uplink failure is one alarm that names the group", () => {
  const bench = grouped().to(1_000).beat(A).to(2_000).beat(B).to(3_000).beat(C);
  bench.said();
  assertEquals(bench.to(31_000 + 5_000 - 1).said(), []);
  const alarm = { group: "rack 7", clients: [A, B, C], silentFor: 35_000 };
  assertEquals(bench.to(36_000).said(), [{ type: "group-down", ...alarm }]);
  assertEquals(bench.to(DAY).said(), []);
  assertEquals(bench.beat(A).words(), [`recovered ${A}`]);
});

test("one silent client of a group is an ordinary alarm", () => {
  const bench = grouped().beat(A).beat(B).beat(C).to(20_000).beat(B).beat(C).to(35_000);
  const alarm = { type: "down", client: A, timeout: TIMEOUT, silentFor: 35_000 } as const;
  assertEquals(bench.said().slice(3), [alarm]);
});

test("a client of a group that is back while the group waits was never gone", () => {
  const bench = grouped().beat(A).beat(B).beat(C).to(20_000).beat(B).to(31_000);
  bench.said();
  bench.beat(A);
  assertEquals([bench.words(), bench.stateOf(A)], [[], "up"]);
  assertEquals(bench.to(35_000).words(), [`down ${C}`]);
});

test("a client of a group that flaps while the group waits is named once", () => {
  const clients = [{ address: A, timeout: 1_000, group: "rack 7" }];
  const bench = new Bench({ clients, groupWait: 5_000 }).beat(A).to(2_000).beat(A).to(6_000);
  assertEquals(bench.words(), [`up ${A}`, `down ${A}`]);
});

test("a group that falls silent again raises another alarm", () => {
  const bench = grouped().to(35_000);
  assertEquals(bench.words(), ["group-down"]);
  for (const client of [A, B, C]) bench.beat(client);
  assertEquals(bench.words(), [`recovered ${A}`, `recovered ${B}`, `recovered ${C}`]);
  assertEquals(bench.to(100_000).words(), ["group-down"]);
});

test("a client that is unregistered while its group waits is not in the alarm", () => {
  const bench = grouped().to(31_000).unregister(B).to(35_000);
  const [alarm] = bench.said();
  assertEquals(alarm!.type === "group-down" && alarm.clients.toSorted(), [A, C]);
});

test("a group that takes the place of a client that was up waits no longer for it", () => {
  const bench = grouped({ autoRegisterTimeout: TIMEOUT }).to(29_000).beat(D).unregister(D);
  assertEquals(bench.to(34_999).words(), [`registered ${D}`, `up ${D}`]);
  assertEquals(bench.to(35_000).words(), ["group-down"]);
});

test("a group alarm that was not said yet is said by the successor", () => {
  const successor = grouped().to(32_000).restart();
  assertEquals(successor.to(successor.now + 4_999).said(), []);
  const [alarm] = successor.to(successor.now + 1).said();
  assertEquals(alarm!.type === "group-down" && alarm.clients.toSorted(), [A, B, C]);
});

// The client between its machine and a socket that lives in memory, in virtual time.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { DroppedEvent } from "../../core/event_queue.ts";
import { HeartlineError } from "../../core/errors.ts";
import { sendUdpHeartbeats, type UdpClientOptions } from "../../udp/client.ts";
import type { UdpClientEvent } from "../../udp/events.ts";
import { EventLog } from "../support/event_log.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { VirtualNet } from "../support/virtual_net.ts";

const UNREACHABLE = new HeartlineError("unreachable", "Cannot send to 10.0.0.1:6500: No route");

async function client(options: UdpClientOptions = {}) {
  const net = new VirtualNet();
  const clock = new VirtualClock();
  const service = await sendUdpHeartbeats({
    hostname: "10.0.0.1",
    net,
    clock,
    random: () => 0.25,
    interval: 1_000,
    burst: 2,
    ...options,
  });
  const log = new EventLog<UdpClientEvent | DroppedEvent>(service);
  /** Lets time pass, and then everything that was begun come to its end. */
  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
  }
  return { net, clock, service, log, advance, words: () => log.events.map(({ type }) => type) };
}

function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, { permissions: "none" }, body);
}

test("a client starts at a random phase and stamps each datagram with its own time", async () => {
  const { net, clock, service, log, advance } = await client();
  await advance(249);
  assertEquals(net.sent, []);
  await advance(1);
  const started = (clock.wallOffset + 250) / 1000;
  await advance(250);
  assertEquals(net.sent, [
    `heartbeat 1 ${started.toFixed(6)}`,
    `heartbeat 2 ${(started + 0.25).toFixed(6)}`,
  ]);
  await service.close();
  const [first] = log.events;
  assert(first?.type === "started" && first.firstIn === 250 && first.interval === 1_000);
  assertEquals([first.server, first.local], ["10.0.0.1:6500", "0.0.0.0:40000"]);
});

test("a client that is done has sent everything, and closes itself", async () => {
  const { net, clock, log, advance, words } = await client({ count: 2, spread: 0, burst: 10 });
  await advance(250);
  await advance(1_000);
  await log.ended;
  assertEquals(words(), ["started", "sent", "sent", "done"]);
  assertEquals(net.sent.map((text) => text.split(" ")[1]), [
    ..."123456789",
    "10",
    ..."123456789",
    "10",
  ]);
  assertEquals([net.open, clock.pending], [0, 0]);
});

test("a send error is said once a burst, and the next period is tried", async () => {
  const { net, service, advance, words } = await client();
  net.broken = UNREACHABLE;
  await advance(250);
  await advance(1_000);
  net.broken = undefined;
  await advance(1_000);
  await advance(250);
  assertEquals(words(), ["started", "send-failed", "send-failed", "sent"]);
  await service.close();
});

test("a send error in the very last burst is said before the end", async () => {
  const { net, log, advance, words } = await client({ count: 1, spread: 0 });
  net.broken = UNREACHABLE;
  await advance(250);
  await log.ended;
  assertEquals(words(), ["started", "sent", "send-failed", "done"]);
});

test("close twice is close once; nothing is sent afterwards", async () => {
  const { net, clock, service, log, advance, words } = await client();
  await Promise.all([service.close(), service.close()]);
  await log.ended;
  await advance(10_000);
  assertEquals([net.sent, net.open, clock.pending, words()], [[], 0, 0, ["started"]]);
});

test("a signal stops a client, also one that was aborted before", async () => {
  const aborting = new AbortController();
  const one = await client({ signal: aborting.signal });
  await one.advance(250);
  aborting.abort();
  await one.log.ended;
  assertEquals([one.net.open, one.clock.pending], [0, 0]);
  const late = await client({ signal: aborting.signal });
  await late.log.ended;
  assertEquals([late.net.open, late.clock.pending], [0, 0]);
});

test("a thousand bursts keep nothing: the client is as it was", async () => {
  const { net, clock, service, log, advance } = await client({ burst: 1 });
  for (let k = 0; k < 1_000; k++) await advance(1_000);
  assertEquals([net.sent.length, clock.pending, log.events.length], [1_000, 1, 1_001]);
  await service.close();
});

const WRONG: [options: UdpClientOptions, code: string][] = [
  [{ hostname: "no-such-host.invalid" }, "name-not-found"],
  [{ port: 0 }, "invalid-option"],
  [{ port: 65_536 }, "invalid-option"],
  [{ bind: "10.0.0.7" }, "invalid-option"],
  [{ interval: 0 }, "invalid-option"],
];

for (const [options, code] of WRONG) {
  test(`a client with ${JSON.stringify(options)} fails with ${code} and opens nothing`, async () => {
    const net = new VirtualNet();
    const clock = new VirtualClock();
    const error = await assertRejects(
      () => sendUdpHeartbeats({ ...options, net, clock }),
      HeartlineError,
    );
    assertEquals([error.code, net.open, clock.pending], [code, 0, 0]);
  });
}

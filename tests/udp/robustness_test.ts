// The promises of the design on real sockets and in real time: hundreds of live clients, and a server
// that is blocked, frozen or given another wall clock. The clients run in
// a process of their own, so that they live on while the server does not.

import { assert, assertEquals } from "@std/assert";
import { formatAddress } from "../../core/address.ts";
import { systemClock } from "../../core/clock.ts";
import type { DroppedEvent } from "../../core/event_queue.ts";
import { sendDatagram } from "../../net/datagram.ts";
import type { Net } from "../../net/net.ts";
import { openNet } from "../../net/open.ts";
import type { UdpServerEvent } from "../../udp/events.ts";
import { encodeHeartbeat } from "../../udp/message.ts";
import { serveUdpHeartbeats } from "../../udp/server.ts";
import { EventLog } from "../support/event_log.ts";
import { watchPauses } from "../support/pauses.ts";
import { type Child, command, script } from "../support/process.ts";

/** As many as send on one instant; the others need no such crowd. */
const CROWD = 1_000;
const CLIENTS = 300;
const PERIOD = 1_000;
const TIMEOUT = 3_000;
/** An alarm may be so late beyond timeout and pause; the machine is busy with other tests as well. */
const SLACK = 2_000;
const HOUR = 3_600_000;

type Said = UdpServerEvent | DroppedEvent;

function test(name: string, body: () => Promise<void>): void {
  // Starting a process hands it the environment, and Deno must know where it is itself.
  const permissions: Deno.PermissionOptions = {
    net: ["127.0.0.1"],
    run: true,
    read: true,
    env: true,
  };
  Deno.test(name, { permissions }, body);
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const isAlarm = ({ type }: Said) => type === "down" || type === "group-down";

/** Clients in a process of their own, started at one instant. */
class Swarm {
  readonly #child: Child;

  constructor(port: number, clients: number) {
    this.#child = script("tests/support/udp_swarm", ...[port, clients, PERIOD].map(String));
  }

  /** Lets one client die; returns its address and when it was dead. */
  async stop(index: number): Promise<{ client: string; diedAt: number }> {
    this.#child.write(`stop ${index}\n`);
    const client = await this.#child.line((line) => line.includes(":"));
    return { client, diedAt: performance.now() };
  }

  /** Ends all clients; returns how many datagrams they sent, and for how long they could not. */
  async end(): Promise<{ sent: number; paused: number }> {
    this.#child.write("end\n");
    const line = await this.#child.line((line) => /^\d+ \d+$/.test(line));
    assertEquals(await this.#child.exitCode(), 0);
    const [sent, paused] = line.split(" ").map(Number) as [number, number];
    return { sent, paused };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]();
  }
}

/** True for the `up` that makes all clients up. */
function allUp(clients: number): (event: { type: string }) => boolean {
  let up = 0;
  return ({ type }) => type === "up" && ++up === clients;
}

function expectInTime(diedAt: number, stopped: number): void {
  const after = performance.now() - diedAt;
  assert(after <= TIMEOUT + stopped + SLACK, `The alarm came ${after} ms after the death`);
}

/** Who could not send is silent, and rightly alarmed; if all could, only the dead ones are. */
function expectAlarms(dead: number, alarms: number, { paused }: { paused: number }): void {
  assert(alarms === dead || paused > TIMEOUT - PERIOD, `${alarms} alarms, ${paused} ms of pauses`);
}

/** The sockets of this runtime; a datagram that arrives after `arm` blocks the loop for `ms`. */
async function blockingNet() {
  const net = await openNet();
  let armed: { ms: number; done: () => void } | undefined;
  const blocking: Net = {
    ...net,
    async bindDatagram(at) {
      const socket = await net.bindDatagram(at);
      return {
        ...socket,
        receive: (sink) =>
          socket.receive((bytes, from) => {
            const block = armed;
            armed = undefined;
            if (block) { for (const end = performance.now() + block.ms; performance.now() < end;); }
            block?.done();
            sink(bytes, from);
          }),
      };
    },
  };
  const block = (ms: number) => new Promise<void>((done) => armed = { ms, done });
  return { net: blocking, block };
}

test("300 clients: neither a blocked loop nor a wall clock that steps is a false alarm", async () => {
  let step = 0;
  const system = systemClock();
  const clock = { ...system, wall: (now: number) => system.wall(now) + step };
  const { net, block } = await blockingNet();
  await using server = await serveUdpHeartbeats({
    port: 0,
    autoRegisterTimeout: TIMEOUT,
    clock,
    net,
  });
  const log = new EventLog<Said>(server);
  await using swarm = new Swarm(server.address.port, CLIENTS);
  await log.until(allUp(CLIENTS));

  step = HOUR;
  await pause(PERIOD);
  step = -HOUR;
  await pause(PERIOD);
  const blocked = block(1_500);
  const dying = swarm.stop(17);
  await blocked;
  const { client, diedAt } = await dying;
  await log.until((event) => event.type === "down" && event.client === client);
  expectInTime(diedAt, 1_500);

  expectAlarms(1, log.events.filter(isAlarm).length, await swarm.end());
  assert(log.events.some((event) => event.type === "stalled" && event.by >= 1_400));
});

test("300 clients: a server frozen for five seconds raises no false alarm", async () => {
  const options = ["--json", "--port", "0", "--auto-register", `${TIMEOUT}ms`];
  await using server = command("udp_server", ...options);
  const { port } = await server.event("listening");
  await using swarm = new Swarm(Number(port), CLIENTS);
  const lastUp = allUp(CLIENTS);
  await server.line((line) => lastUp({ type: JSON.parse(line).event }));

  server.signal("SIGSTOP");
  const frozenAt = performance.now();
  const { client, diedAt } = await swarm.stop(17);
  await pause(frozenAt + 5_000 - performance.now());
  server.signal("SIGCONT");
  const stopped = performance.now() - frozenAt;
  await server.event("down", (alarm) => alarm.client === client);
  expectInTime(diedAt, stopped);

  expectAlarms(1, server.events("down").length, await swarm.end());
  assert(server.events("stalled").length > 0);
  server.signal("SIGTERM");
  assertEquals(await server.exitCode(), 0);
});

test("a thousand clients started on the same instant: all their datagrams are received", async () => {
  await using server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout: TIMEOUT });
  const log = new EventLog<Said>(server);
  // Bound before the others: a port of theirs that is free again would look like one of them.
  const last = await (await openNet()).bindDatagram({ hostname: "127.0.0.1", port: 0 });
  await using swarm = new Swarm(server.address.port, CROWD);
  const pauses = watchPauses();
  await log.until(allUp(CROWD));
  await pause(4 * PERIOD);
  const { sent, paused } = await swarm.end();

  // One more client: when it is heard, everything that was sent before it has been read.
  const name = formatAddress(last.address);
  await sendDatagram(last, encodeHeartbeat({ sequence: 1, sentAt: Date.now() }), server.address);
  await log.until((event) => event.type === "up" && event.client === name);
  last.close();

  const reports = server.clients().filter(({ client }) => client !== name);
  const received = reports.reduce(
    (sum, { reception }) => sum + reception.received + reception.duplicates,
    0,
  );
  // Nothing may be lost but what was sent while other programs kept one of us from the processor.
  const excused = (paused + pauses.end()) * (10 * CROWD / PERIOD);
  assert(sent - received <= excused, `${sent} sent, ${received} received, ${excused} excused`);
  assertEquals(reports.length, CROWD);
  assert(sent + excused > 45 * CROWD, `Only ${sent} datagrams were sent`);
  expectAlarms(0, log.events.filter(isAlarm).length, { paused });
});

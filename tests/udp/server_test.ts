// The server and its clients on real sockets of this machine: few and short.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { DroppedEvent } from "../../core/event_queue.ts";
import { HeartlineError } from "../../core/errors.ts";
import { sendDatagram } from "../../net/datagram.ts";
import { openNet } from "../../net/open.ts";
import { sendUdpHeartbeats } from "../../udp/client.ts";
import type { UdpServerEvent } from "../../udp/events.ts";
import { serveUdpHeartbeats, type UdpServerOptions } from "../../udp/server.ts";
import { EventLog } from "../support/event_log.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { VirtualNet } from "../support/virtual_net.ts";

type Said = UdpServerEvent | DroppedEvent;

function test(name: string, body: () => Promise<void>): void {
  Deno.test(name, { permissions: { net: ["127.0.0.1"] } }, body);
}

async function serve(options: UdpServerOptions = {}) {
  const server = await serveUdpHeartbeats({ port: 0, ...options });
  return { server, port: server.address.port, log: new EventLog<Said>(server) };
}

/** A socket that sends what a client would never send. */
async function rawSocket(port: number) {
  const net = await openNet();
  const socket = await net.bindDatagram({ hostname: "127.0.0.1", port: 0 });
  const to = { hostname: "127.0.0.1", port };
  return {
    name: `127.0.0.1:${socket.address.port}`,
    send: (bytes: Uint8Array | string) =>
      sendDatagram(socket, typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes, to),
    close: () => socket.close(),
  };
}

test("a client comes up, falls silent and recovers", async () => {
  const { server, port, log } = await serve({ autoRegisterTimeout: 200 });
  const first = await sendUdpHeartbeats({ port, interval: 40 });
  const name = `127.0.0.1:${first.address.port}`;
  await log.until(({ type }) => type === "up");
  await first.close();
  await log.until(({ type }) => type === "down");
  const second = await sendUdpHeartbeats({ port, interval: 40, bind: name });
  await log.until(({ type }) => type === "recovered");
  await second.close();
  await server.close();

  const [listening, ...others] = log.events;
  assertEquals(listening, { type: "listening", hostname: "127.0.0.1", port, transport: "udp" });
  assertEquals(others.map(({ type }) => type), ["registered", "up", "down", "recovered"]);
  assert(others.every((event) => "client" in event && event.client === name));
  const [, , alarm, recovered] = others;
  assert(alarm?.type === "down" && alarm.timeout === 200 && alarm.silentFor >= 200);
  assert(recovered?.type === "recovered" && recovered.silentFor >= 200 + recovered.downFor);
});

test("a client that is registered by its address is heard from there", async () => {
  const free = await rawSocket(1);
  free.close();
  const { server, port, log } = await serve({ clients: [{ address: free.name, timeout: 5_000 }] });
  const stranger = await sendUdpHeartbeats({ port, interval: 10, count: 1 });
  await log.until(({ type }) => type === "rejected");
  const client = await sendUdpHeartbeats({ port, interval: 10, bind: free.name });
  await log.until((event) => event.type === "up" && event.client === free.name);
  await Promise.all([stranger.close(), client.close(), server.close()]);
});

test("clients can be registered and unregistered while it runs", async () => {
  const { server, port, log } = await serve();
  const client = await sendUdpHeartbeats({ port, interval: 10, spread: 0 });
  const address = `127.0.0.1:${client.address.port}`;
  await log.until(({ type }) => type === "rejected");
  server.register({ address, timeout: 5_000 });
  await log.until(({ type }) => type === "up");
  assertEquals(server.clients().map((report) => [report.client, report.state]), [[address, "up"]]);
  server.unregister(address);
  assertEquals(server.clients(), []);
  await Promise.all([client.close(), server.close()]);
});

test("datagrams that are no heartbeats do not end the server", async () => {
  const { server, port, log } = await serve({ autoRegisterTimeout: 5_000 });
  const socket = await rawSocket(port);
  const rubbish = ["x", "", "heartbeat 11 1", "heartbeat 1", "heartbeat 1 1\r\n", "é"];
  for (const text of rubbish) await socket.send(text);
  await socket.send(new Uint8Array(60_000));
  await socket.send("heartbeat 1 1752356183.25\n");
  await log.until((event) => event.type === "up" && event.client === socket.name);
  assertEquals(server.rejections(), { malformed: 6, "sequence-out-of-range": 1 });
  socket.close();
  await server.close();
});

test("a second server on the port fails with address-in-use and leaves nothing open", async () => {
  const { server, port } = await serve();
  const error = await assertRejects(() => serveUdpHeartbeats({ port }), HeartlineError);
  assertEquals(error.code, "address-in-use");
  assertEquals(error.message, `Cannot listen on 127.0.0.1:${port}: Address already in use`);
  await server.close();
  // The port is free again.
  await (await serveUdpHeartbeats({ port })).close();
});

test("a wrong option is refused before a socket is opened", async () => {
  const options: UdpServerOptions[] = [{ port: 70_000 }, { autoRegisterTimeout: -1 }, {
    grace: NaN,
  }];
  for (const option of options) {
    const error = await assertRejects(
      () => serveUdpHeartbeats({ port: 0, ...option }),
      HeartlineError,
    );
    assertEquals(error.code, "invalid-option");
  }
});

test("close twice is close once, and ends the iteration", async () => {
  const { server, log } = await serve({ autoRegisterTimeout: 5_000 });
  await Promise.all([server.close(), server.close()]);
  await log.ended;
  await server.close();
  server.register({ address: "127.0.0.1:1", timeout: 1 });
  assertEquals(log.events.map(({ type }) => type), ["listening"]);
});

test("a signal stops a server, also one that was aborted before", async () => {
  const aborting = new AbortController();
  const { log } = await serve({ signal: aborting.signal });
  await log.until(({ type }) => type === "listening");
  aborting.abort();
  await log.ended;
  const late = await serve({ signal: aborting.signal });
  await late.log.ended;
});

test("a signal that aborts while the socket is opened stops the server", async () => {
  const aborting = new AbortController();
  const starting = serveUdpHeartbeats({ port: 0, signal: aborting.signal });
  aborting.abort();
  await new EventLog<Said>(await starting).ended;
});

Deno.test("a consumer that never comes costs bounded memory and slows nothing", {
  permissions: "none",
}, async () => {
  const net = new VirtualNet();
  const options = { net, clock: new VirtualClock(), autoRegisterTimeout: 5_000, emitBeats: true };
  const server = await serveUdpHeartbeats(options);
  const socket = await net.bindDatagram({ hostname: "127.0.0.1", port: 0 });
  for (let i = 0; i < 10_000; i++) {
    const text = `heartbeat ${1 + i % 10} ${1_000 + i}`;
    await sendDatagram(socket, new TextEncoder().encode(text), server.address);
  }
  assertEquals(server.clients()[0]!.reception.received, 10_000);
  await server.close();
  const log = new EventLog<Said>(server);
  await log.ended;
  // 10,000 beats and three words before them; the queue holds 4,096.
  assertEquals(log.events[0], { type: "dropped", count: 10_003 - 4_096 });
  assertEquals(log.events.length, 1 + 4_096);
  socket.close();
});

test("a client whose server's name does not resolve fails with a typed error", async () => {
  const hostname = "no-such-host.invalid";
  const error = await assertRejects(() => sendUdpHeartbeats({ hostname }), HeartlineError);
  assert(["name-not-found", "permission-denied"].includes(error.code), error.message);
});

test("a client that is to bind a taken address fails with address-in-use", async () => {
  const { server, port } = await serve();
  const bind = `127.0.0.1:${port}`;
  const error = await assertRejects(() => sendUdpHeartbeats({ port, bind }), HeartlineError);
  assertEquals(error.code, "address-in-use");
  await server.close();
});

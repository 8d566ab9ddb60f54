/**
 * Every server of this library, with a good client that must always be served.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { connectHandshake } from "../../../handshake/client.ts";
import { serveHandshake } from "../../../handshake/server.ts";
import { connectKeepalive } from "../../../keepalive/client.ts";
import { serveKeepalive } from "../../../keepalive/server.ts";
import { serveProxy } from "../../../proxy/server.ts";
import { receiveSequence } from "../../../sequence/client.ts";
import { serveSequence } from "../../../sequence/server.ts";
import { sendTcpHeartbeats } from "../../../tcp/client.ts";
import { serveTcpHeartbeats } from "../../../tcp/server.ts";
import { sendUdpHeartbeats } from "../../../udp/client.ts";
import { serveUdpHeartbeats } from "../../../udp/server.ts";
import { collect } from "../../support/collect.ts";
import type { Target } from "../target.ts";
import { TARGETS } from "../targets/mod.ts";
import type { LiveServer, LiveTarget } from "./target.ts";

/** All of them. */
export const LIVE_TARGETS: readonly LiveTarget[] = [
  { name: "live-udp", like: like("udp-heartbeat"), transport: "udp", serve: udp },
  { name: "live-tcp", like: like("tcp-heartbeat-stream"), transport: "tcp", serve: tcp },
  ...(["udp", "tcp"] as const).map((transport): LiveTarget => ({
    name: `live-handshake-${transport}`,
    like: like("handshake-hello-stream"),
    transport,
    serve: () => handshake(transport),
  })),
  {
    name: "live-keepalive",
    like: like("keepalive-line-stream"),
    transport: "tcp",
    serve: keepalive,
  },
  {
    name: "live-sequence",
    like: like("sequence-request-stream"),
    transport: "tcp",
    serve: sequence,
  },
  { name: "live-proxy", like: like("keepalive-line-stream"), transport: "tcp", serve: proxy },
];

function like(name: string): Target {
  return TARGETS.find((target) => target.name === name)!;
}

async function udp(): Promise<LiveServer> {
  const server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout: 500, forgetAfter: 500 });
  const { port } = server.address;
  return {
    ...served(server),
    async honest() {
      // A flood may push datagrams out of the kernel's buffer, so it goes on until it is heard.
      await using client = await sendUdpHeartbeats({ port, interval: 20 });
      let local: string | undefined;
      for await (const event of client) {
        if (event.type === "started") local = event.local;
        if (server.clients().some(({ client }) => client === local)) break;
      }
    },
  };
}

async function tcp(): Promise<LiveServer> {
  const server = await serveTcpHeartbeats({ port: 0, ack: true });
  const { port } = server.address;
  return {
    ...served(server),
    async honest() {
      const client = await sendTcpHeartbeats({ port, interval: 20, count: 2, ack: true });
      const events = await collect(client);
      assertEquals(events.at(-1)?.type, "done", JSON.stringify(events));
      assertEquals(events.filter(({ type }) => type === "acked").length > 0, true);
    },
  };
}

async function handshake(transport: "udp" | "tcp"): Promise<LiveServer> {
  const server = await serveHandshake({ port: 0, lease: 500 });
  const { port } = server.address;
  let asked = 0;
  return {
    ...served(server),
    async honest() {
      const events = await collect(
        await connectHandshake({ port, id: `honest-${++asked}`, transport }),
      );
      assertEquals(events.at(-1)?.type, "established", JSON.stringify(events));
    },
  };
}

async function keepalive(): Promise<LiveServer> {
  const server = await serveKeepalive({ port: 0 });
  return { ...served(server), honest: () => askAndHear(server.address.port) };
}

async function proxy(): Promise<LiveServer> {
  const behind = await serveKeepalive({ port: 0 });
  // Read and not kept: what the proxy holds is measured.
  const ignored = (async () => {
    for await (const _ of behind);
  })();
  const server = await serveProxy({ listen: { port: 0 }, upstream: behind.address });
  return {
    ...served(server),
    honest: () => askAndHear(server.address.port),
    async close() {
      await server.close();
      await behind.close();
      await ignored;
    },
  };
}

async function askAndHear(port: number): Promise<void> {
  await using client = await connectKeepalive({ port, dataInterval: Infinity });
  const id = client.send("honest");
  for await (const event of client) {
    assertEquals(event.type === "disconnected", false, JSON.stringify(event));
    if (event.type === "reply") return assertEquals([event.id, event.payload], [id, "honest"]);
  }
}

async function sequence(): Promise<LiveServer> {
  const source = (index: number) => index * index;
  const server = await serveSequence({ port: 0, interval: 0, source, sessionTtl: 1_000 });
  return {
    ...served(server),
    async honest() {
      const { port } = server.address;
      const numbers = await collect(receiveSequence({ port, length: 5 }));
      assertEquals(numbers, [0, 1, 4, 9, 16]);
    },
  };
}

function served(
  server: AsyncIterable<{ readonly type: string }> & Pick<LiveServer, "address" | "close">,
): Omit<LiveServer, "honest"> {
  return { address: server.address, events: server, close: () => server.close() };
}

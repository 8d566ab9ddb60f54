import { assert, assertEquals, assertRejects } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import type { StreamConnection } from "../../net/stream.ts";
import { openNet } from "../../net/open.ts";
import { sendTcpHeartbeats, type TcpClientOptions } from "../../tcp/client.ts";
import type { TcpClientEvent, TcpServerEvent } from "../../tcp/events.ts";
import { formatTcpHeartbeat } from "../../tcp/message.ts";
import { serveTcpHeartbeats } from "../../tcp/server.ts";
import { collect } from "../support/collect.ts";
import { freePort } from "../support/free_port.ts";
import { deferred } from "../support/contract.ts";

const SOCKETS = { permissions: { net: ["127.0.0.1"] } };
const ENCODER = new TextEncoder();

/** Takes events until one of this type has come, and returns all of them. */
async function until<Event extends { readonly type: string }>(
  service: AsyncIterable<Event>,
  type: Event["type"],
  times = 1,
): Promise<Event[]> {
  const seen: Event[] = [];
  for await (const event of service) {
    seen.push(event);
    if (event.type === type && --times === 0) break;
  }
  return seen;
}

const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

async function connect(port: number): Promise<StreamConnection> {
  return await (await openNet()).connectStream({ hostname: "127.0.0.1", port });
}

const message = (sequence: number) =>
  ENCODER.encode(formatTcpHeartbeat({ sequence, sentAt: Date.now() }));

Deno.test("many clients at once: each beat of each is heard once", SOCKETS, async () => {
  await using server = await serveTcpHeartbeats({ port: 0, emitBeats: true });
  const { port } = server.address;
  const clients = await Promise.all(
    Array.from({ length: 50 }, () => sendTcpHeartbeats({ port, interval: 5, count: 4 })),
  );
  const seen = await until(server, "disconnected", 50) as TcpServerEvent[];
  const heard = new Map<string, number[]>();
  for (const event of seen) {
    if (event.type !== "beat") continue;
    heard.set(event.client, [...heard.get(event.client) ?? [], event.sequence]);
  }
  assertEquals([...heard.values()], Array(50).fill([1, 2, 3, 4]));
  // Fifty clients in this process may hold it up, which the server then says.
  const kinds = new Set(types(seen));
  kinds.delete("stalled");
  assertEquals([...kinds].sort(), ["beat", "connected", "disconnected", "listening", "up"]);
  for (const client of clients) assertEquals((await collect(client)).at(-1)?.type, "done");
});

Deno.test("rubbish and an endless message close only their senders", SOCKETS, async () => {
  await using server = await serveTcpHeartbeats({ port: 0 });
  const { port } = server.address;
  const rubbish = await connect(port), endless = await connect(port), good = await connect(port);
  await until(server, "connected", 3);
  await good.write(message(1));
  const up = await until(server, "up");
  await rubbish.write(ENCODER.encode("GET / HTTP/1.1. "));
  const first = await until(server, "disconnected");
  await endless.write(new Uint8Array(1_000).fill("x".charCodeAt(0)));
  const second = await until(server, "disconnected");
  await good.write(message(2));
  good.close();
  const third = await until(server, "disconnected");
  assertEquals(types([...up, ...first, ...second, ...third]), [
    ...["up", "rejected", "disconnected", "rejected", "disconnected", "disconnected"],
  ]);
  for (const [events, reason] of [[first, "malformed"], [second, "too-long"]] as const) {
    const rejected = events.find(({ type }) => type === "rejected");
    assert(rejected?.type === "rejected" && rejected.reason === reason);
  }
  rubbish.close();
  endless.close();
});

Deno.test("acks at both ends", SOCKETS, async () => {
  await using server = await serveTcpHeartbeats({ port: 0, ack: true });
  const { port } = server.address;
  const client = await sendTcpHeartbeats({ port, interval: 5, count: 5, ack: true });
  const seen = await collect(client) as TcpClientEvent[];
  assertEquals(seen.at(-1), { type: "done", sent: 5, acked: 5 });
  assertEquals(seen.filter(({ type }) => type === "unconfirmed"), []);
});

Deno.test("a server without acks is left when they do not come", SOCKETS, async () => {
  await using server = await serveTcpHeartbeats({ port: 0 });
  const { port } = server.address;
  const options: TcpClientOptions = { port, interval: 30, ack: true, ackTimeout: 100 };
  const client = await sendTcpHeartbeats({ ...options, reconnect: false });
  const seen = types(await collect(client));
  assertEquals(seen.slice(-3), ["unconfirmed", "disconnected", "failed"]);
});

Deno.test("reconnects when the server is back on the same port", SOCKETS, async () => {
  const first = await serveTcpHeartbeats({ port: 0, emitBeats: true });
  const { port } = first.address;
  const backoff = { base: 5, cap: 20 };
  await using client = await sendTcpHeartbeats({ port, interval: 10, backoff });
  await until(first, "beat", 2);
  await first.close();
  await until(client, "connect-failed");
  await using second = await serveTcpHeartbeats({ port, emitBeats: true });
  const seen = await until(second, "beat", 2) as TcpServerEvent[];
  assertEquals(types(seen), ["listening", "connected", "up", "beat", "beat"]);
  const beat = seen[3]!;
  assert(beat.type === "beat" && beat.sequence > 2, "numbering goes on");
});

Deno.test("resolves when the first attempt failed, and goes on", SOCKETS, async () => {
  const port = await freePort();
  await using client = await sendTcpHeartbeats({ port, backoff: { base: 5, cap: 20 } });
  assertEquals(types(await until(client, "connect-failed")), ["connecting", "connect-failed"]);
  await using _server = await serveTcpHeartbeats({ port });
  await until(client, "sent");
});

Deno.test("reconnect: false rejects when refused, and fails when lost", SOCKETS, async () => {
  const port = await freePort();
  const options: TcpClientOptions = { port, interval: 5, reconnect: false };
  const error = await assertRejects(() => sendTcpHeartbeats(options), HeartlineError);
  assertEquals(error.code, "connection-refused");
  const server = await serveTcpHeartbeats({ port, emitBeats: true });
  const client = await sendTcpHeartbeats(options);
  await until(server, "beat");
  await server.close();
  assertEquals((await collect(client)).at(-1)?.type, "failed");
});

Deno.test("close leaves nothing open, and may be called again", SOCKETS, async () => {
  const server = await serveTcpHeartbeats({ port: 0, ack: true });
  const { port } = server.address;
  const raw = await connect(port);
  const client = await sendTcpHeartbeats({ port, interval: 5, ack: true });
  await until(client, "acked");
  await Promise.all([server.close(), server.close(), client.close(), client.close()]);
  raw.close();
  const again = await serveTcpHeartbeats({ port });
  await again.close();
});

Deno.test("a signal closes both, also one that aborted before", SOCKETS, async () => {
  const port = await freePort();
  const stop = new AbortController();
  const server = await serveTcpHeartbeats({ port, signal: stop.signal });
  const client = await sendTcpHeartbeats({ port, interval: 5, signal: stop.signal });
  stop.abort();
  for await (const _ of server);
  for await (const _ of client);
  const late = await sendTcpHeartbeats({ port, signal: stop.signal });
  assertEquals(await collect(late), []);
});

Deno.test("a connection attempt in flight is given up by close", SOCKETS, async () => {
  const net = await openNet();
  let aborted = false;
  const client = sendTcpHeartbeats({
    signal: AbortSignal.abort(),
    net: { ...net, connectStream: () => Promise.reject(new Error("not reached")) },
  });
  await client;
  const pending = deferred<StreamConnection>();
  const started = deferred();
  const stop = new AbortController();
  const never = sendTcpHeartbeats({
    signal: stop.signal,
    net: {
      ...net,
      connectStream(_to, { signal } = {}) {
        started.resolve();
        signal?.addEventListener("abort", () => {
          aborted = true;
          pending.reject(new HeartlineError("closed", "Cannot connect: Stopped"));
        });
        return pending.promise;
      },
    },
  });
  await started.promise;
  stop.abort();
  assertEquals(types(await collect(await never)), ["connecting"]);
  assert(aborted);
});

Deno.test("a failure to accept is told and does not end the server", SOCKETS, async () => {
  const net = await openNet();
  await using server = await serveTcpHeartbeats({
    port: 0,
    net: {
      ...net,
      async listenStream(at) {
        const listener = await net.listenStream(at);
        return {
          ...listener,
          accept(sink, failed) {
            failed(new HeartlineError("too-many-open-files", "Cannot accept: Too many open files"));
            return listener.accept(sink, failed);
          },
        };
      },
    },
  });
  const { port } = server.address;
  await using _client = await sendTcpHeartbeats({ port });
  const seen = types(await until(server, "connected"));
  assertEquals(seen, ["listening", "accept-failed", "connected"]);
});

Deno.test("a port in use is a typed error", SOCKETS, async () => {
  await using server = await serveTcpHeartbeats({ port: 0 });
  const { port } = server.address;
  const error = await assertRejects(() => serveTcpHeartbeats({ port }), HeartlineError);
  assertEquals(error.code, "address-in-use");
});

// An application that is slow, or stands still: it gets all that was sent to it, and nobody dies of it.

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { DroppedEvent } from "../../core/event_queue.ts";
import { HeartlineError } from "../../core/errors.ts";
import { connectKeepalive, type KeepaliveClient } from "../../keepalive/client.ts";
import type { KeepaliveClientEvent, KeepaliveServerEvent } from "../../keepalive/events.ts";
import type { KeepaliveTiming } from "../../keepalive/options.ts";
import { type KeepaliveServer, serveKeepalive } from "../../keepalive/server.ts";
import { collect } from "../support/collect.ts";
import { EventLog } from "../support/event_log.ts";
import { TcpRelay } from "../support/tcp_relay.ts";

const SOCKETS = { permissions: { net: ["127.0.0.1"] } };
/** Silence is found after 200 + 3 x 200 = 800 ms. */
const FAST = {
  heartBeatInterval: 100,
  heartBeatThreshold: 200,
  heartBeatAdditionalTries: 2,
  dataThreshold: 200,
} satisfies KeepaliveTiming;
/** A breath in which a peer that is judged wrongly dies. */
const LONG = 1_500;

type Said = KeepaliveClientEvent | KeepaliveServerEvent | DroppedEvent;

const isType = (type: string) => (event: { readonly type: string }) => event.type === type;
const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** One who sends as fast as may be, and how often it had to wait. */
async function sendAll(
  send: (payload: string) => void,
  flushed: () => Promise<void>,
  payloads: Iterable<string>,
): Promise<number> {
  let waits = 0;
  for (const payload of payloads) {
    for (;;) {
      try {
        send(payload);
        break;
      } catch (error) {
        if (!(error instanceof HeartlineError && error.code === "not-reading")) throw error;
        waits++;
        await flushed();
      }
    }
  }
  return waits;
}

function numbered(count: number, length: number): string[] {
  return Array.from({ length: count }, (_, n) => `${n} `.padEnd(length, "x"));
}

/** Takes payloads slowly until `count` are there; returns them with what else is worth a word. */
async function takeSlowly(
  events: AsyncIterable<Said>,
  type: "data" | "reply",
  count: number,
): Promise<{ payloads: string[]; dropped: number }> {
  const payloads: string[] = [];
  let dropped = 0;
  for await (const event of events) {
    if (event.type === "dropped") dropped += event.count;
    if (event.type !== type) continue;
    payloads.push((event as { payload: string }).payload);
    if (payloads.length % 200 === 0) await pause(1);
    if (payloads.length === count) break;
  }
  return { payloads, dropped };
}

async function connected(server: KeepaliveServer, options = {}) {
  const client = await connectKeepalive({
    port: server.address.port,
    dataInterval: Infinity,
    ...options,
  });
  return client;
}

/** The `host:port` that the server calls a client by. */
async function nameOf(server: KeepaliveServer): Promise<string> {
  while (server.clients().length === 0) await pause(1);
  return server.clients()[0]!.client;
}

/** Each row: who reads slowly what, and who sends it. */
const READERS = {
  "a server its data": (server: KeepaliveServer, client: KeepaliveClient) => ({
    ...{ events: server, type: "data" as const, other: client },
    ...{ send: (payload: string) => client.send(payload), flushed: () => client.flushed() },
  }),
  "a client its data": (server: KeepaliveServer, client: KeepaliveClient, name: string) => ({
    ...{ events: client, type: "data" as const, other: server },
    ...{ send: (payload: string) => server.send(name, payload) },
    flushed: () => server.flushed(name),
  }),
  "a client its replies": (server: KeepaliveServer, client: KeepaliveClient) => ({
    ...{ events: client, type: "reply" as const, other: server },
    ...{ send: (payload: string) => client.send(payload), flushed: () => client.flushed() },
  }),
};

for (const [who, rolesOf] of Object.entries(READERS)) {
  for (const [count, length] of [[20_000, 8], [8_000, 2_000]] as const) {
    Deno.test(
      `who reads slowly loses no payload: ${who}, ${count} of ${length}`,
      SOCKETS,
      async () => {
        await using server = await serveKeepalive({ port: 0 });
        await using client = await connected(server);
        const roles = rolesOf(server, client, await nameOf(server));
        const other = collect<Said>(roles.other);
        const taking = takeSlowly(roles.events, roles.type, count);
        const payloads = numbered(count, length);
        const waits = await sendAll(roles.send, roles.flushed, payloads);
        const taken = await taking;
        assertEquals(taken.payloads, payloads);
        if (roles.type === "data") assertEquals(taken.dropped, 0);
        // More than the kernels hold: the sender feels it.
        if (length > 1_000) assert(waits > 0, "never had to wait");
        await Promise.all([client.close(), server.close()]);
        await other;
      },
    );
  }
}

Deno.test(
  "one whose application stands still is no dead peer, nor is who waits for it",
  SOCKETS,
  async () => {
    await using server = await serveKeepalive({ port: 0, ...FAST });
    const events = server[Symbol.asyncIterator]();
    const next = async (): Promise<Said> => (await events.next()).value as Said;
    await next();
    const client = await connected(server, FAST);
    const log = new EventLog<Said>(client);
    const payloads = numbered(400, 1_000);
    for (const payload of payloads.slice(0, 64)) client.send(payload);
    await client.flushed();
    await sendAll((payload) => client.send(payload), () => client.flushed(), payloads.slice(64));
    await pause(LONG);
    assertEquals(log.events.filter(isType("disconnected")), []);
    assert(log.events.some(isType("reply")), "what came before is answered");
    assertEquals(client.report().phase, "data", "it hears of us");
    const taken: string[] = [];
    for (let event; taken.length < 400 && (event = await next());) {
      assert(event.type !== "down" && event.type !== "disconnected", event.type);
      if (event.type === "data") taken.push(event.payload);
    }
    assertEquals(taken, payloads);
    await log.until((event) => event.type === "reply" && event.id === 400);
    client.send("and on");
    await log.until((event) => event.type === "reply" && event.payload === "and on");
    await client.close();
  },
);

Deno.test(
  "a peer that dies while the application stands still is found dead behind its last payload",
  SOCKETS,
  async () => {
    await using server = await serveKeepalive({ port: 0, ...FAST });
    const events = server[Symbol.asyncIterator]();
    await events.next();
    await using relay = await TcpRelay.open(server.address);
    const client = await connectKeepalive({ port: relay.address.port, dataInterval: Infinity });
    const payloads = numbered(400, 1_000);
    const other = collect<Said>(client);
    await sendAll((payload) => client.send(payload), () => client.flushed(), payloads);
    await client.flushed();
    await pause(LONG);
    relay.toServer.hold();
    relay.toClient.hold();
    const said: string[] = [];
    for (let event; (event = (await events.next()).value as Said);) {
      if (event.type === "data") said.push(event.payload);
      else if (event.type === "down" || event.type === "disconnected") said.push(event.type);
      if (event.type === "disconnected") break;
    }
    assertEquals(said, [...payloads, "down", "disconnected"]);
    await client.close();
    await other;
  },
);

Deno.test(
  "what a client sent before it left is read to the end, however slowly",
  SOCKETS,
  async () => {
    // Nothing is answered: what nobody reads would tear the connection down.
    await using server = await serveKeepalive({ port: 0, reply: () => undefined });
    const client = await connected(server);
    const payloads = numbered(3_000, 1_000);
    const taking = (async () => {
      const taken: string[] = [];
      for await (const event of server) {
        if (event.type === "data" && taken.push(event.payload) % 500 === 0) await pause(5);
        if (event.type === "disconnected") break;
      }
      return taken;
    })();
    await sendAll((payload) => client.send(payload), () => client.flushed(), payloads);
    await client.flushed();
    await client.close();
    assertEquals(await taking, payloads);
  },
);

Deno.test("who leaves the loop and comes back has missed no payload", SOCKETS, async () => {
  await using server = await serveKeepalive({ port: 0 });
  for await (const event of server) if (event.type === "listening") break;
  await using client = await connected(server);
  const other = collect<Said>(client);
  const payloads = numbered(10_000, 8);
  await sendAll((payload) => client.send(payload), () => client.flushed(), payloads);
  const taken = await takeSlowly(server, "data", payloads.length);
  assertEquals([taken.payloads, taken.dropped], [payloads, 0]);
  await client.close();
  await other;
});

/** Each row: who takes no payloads, and what is served with. */
const WATCHERS = {
  "nobody iterates": { options: {}, read: (): unknown => undefined },
  "somebody who only watches stands still": {
    options: { dropPayloads: true },
    read: (server: KeepaliveServer) => server[Symbol.asyncIterator]().next(),
  },
};

for (const [who, { options, read }] of Object.entries(WATCHERS)) {
  Deno.test(`where ${who} all goes on`, SOCKETS, async () => {
    await using server = await serveKeepalive({ port: 0, ...options });
    await read(server);
    await using client = await connected(server);
    let replies = 0;
    const reading = (async () => {
      for await (const event of client) if (event.type === "reply" && ++replies === 9_000) break;
    })();
    const payloads = numbered(9_000, 100);
    await sendAll((payload) => client.send(payload), () => client.flushed(), payloads);
    await reading;
    const left = server.counters().events;
    assertEquals(left.data, 9_000);
  });
}

Deno.test("a service whose reader stands still closes at once", SOCKETS, async () => {
  const server = await serveKeepalive({ port: 0 });
  await server[Symbol.asyncIterator]().next();
  const client = await connected(server);
  const other = collect<Said>(client);
  const payloads = numbered(1_000, 1_000);
  const sending = sendAll((p) => client.send(p), () => client.flushed(), payloads)
    .catch((error) => error);
  while (server.counters().receivedBytes < 240_000) await pause(1);
  await server.close();
  await sending;
  await client.close();
  await other;
  const rest = (await collect<Said>(server)).filter(isType("data"));
  assert(rest.length > 200, "what waited may still be taken");
});

Deno.test(
  "answers that take long are asked for one after the other, and the sender waits",
  SOCKETS,
  async () => {
    let running = 0, most = 0;
    const asked: string[] = [];
    await using server = await serveKeepalive({
      port: 0,
      async reply(payload) {
        most = Math.max(most, ++running);
        asked.push(payload);
        await pause(0);
        running--;
        return payload;
      },
    });
    await using client = await connected(server);
    const payloads = numbered(300, 2_000);
    const replies = takeSlowly(client, "reply", payloads.length);
    await sendAll((payload) => client.send(payload), () => client.flushed(), payloads);
    assertEquals((await replies).payloads, payloads);
    assertEquals([most, asked], [1, payloads]);
  },
);

Deno.test(
  "answers far longer than what they answer overrun nobody",
  SOCKETS,
  async () => {
    let most = 0;
    await using server = await serveKeepalive({
      port: 0,
      reply(payload) {
        most = Math.max(most, server.clients()[0]?.unsent ?? 0);
        return payload.padEnd(8_000, "y");
      },
    });
    await using client = await connected(server);
    const payloads = numbered(2_000, 8);
    const replies = takeSlowly(client, "reply", payloads.length);
    await sendAll((payload) => client.send(payload), () => client.flushed(), payloads);
    const taken = (await replies).payloads;
    assertEquals(taken.map((payload) => payload.slice(0, 8)), payloads);
    assert(most <= 65_536, `${most} bytes waited`);
  },
);

Deno.test("what was taken is asked for, though its connection is over", SOCKETS, async () => {
  const asked: string[] = [];
  await using server = await serveKeepalive({
    port: 0,
    async reply(payload) {
      await pause(1);
      asked.push(payload);
      return payload;
    },
  });
  const log = new EventLog<Said>(server);
  const client = await connected(server);
  const other = collect<Said>(client);
  for (const payload of ["a", "b", "c", "d"]) client.send(payload);
  await client.flushed();
  await client.close();
  await other;
  await log.until(isType("disconnected"));
  while (asked.length < 4) await pause(1);
  assertEquals(asked, ["a", "b", "c", "d"]);
});

/** Both send so many payloads at once, and read as fast as they can. */
async function floodEachOther(payloads: readonly string[], timing: KeepaliveTiming = {}) {
  const server = await serveKeepalive({ port: 0, ...timing });
  const client = await connected(server, timing);
  const name = await nameOf(server);
  const logs = [new EventLog<Said>(server), new EventLog<Said>(client)];
  const sending = Promise.allSettled([
    sendAll((payload) => client.send(payload), () => client.flushed(), payloads),
    sendAll((payload) => server.send(name, payload), () => server.flushed(name), payloads),
  ]);
  return {
    logs,
    async close() {
      await Promise.all([client.close(), server.close()]);
      await sending;
    },
  };
}

Deno.test("two that flood each other are both answered whole", SOCKETS, async () => {
  const payloads = numbered(400, 1_000);
  const { logs, close } = await floodEachOther(payloads);
  for (const log of logs) {
    await log.until((event) => event.type === "reply" && event.id === payloads.length);
    for (const type of ["data", "reply"]) {
      const said = log.events.filter(isType(type)) as { payload: string }[];
      assertEquals(said.map(({ payload }) => payload), payloads);
    }
  }
  await close();
});

Deno.test(
  "two that send more than links hold, and both wait for the other to read, end in time",
  SOCKETS,
  async () => {
    const { logs, close } = await floodEachOther(numbered(20_000, 2_000), FAST);
    const end = await Promise.any(logs.map((log) => log.until(isType("disconnected"))));
    assert(end.type === "disconnected" && end.reason === "not-reading", JSON.stringify(end));
    await close();
  },
);

// docs/guides/keepalive.md
Deno.test("the server of the guide survives a line that is no JSON", SOCKETS, async () => {
  await using server = await serveKeepalive({
    port: 0,
    reply: (payload) => JSON.stringify({ echo: JSON.parse(payload) }),
    dataThreshold: 10_000,
  });
  const good = await connected(server), bad = await connected(server);
  const heard = new EventLog<Said>(good);
  bad.send("hello");
  const end = (await collect<Said>(bad)).at(-1)!;
  assert(end.type === "disconnected" && end.said === "user-code", JSON.stringify(end));
  good.send(JSON.stringify({ add: [1, 2, 3] }));
  const reply = await heard.until(isType("reply"));
  assert(reply.type === "reply" && reply.payload === '{"echo":{"add":[1,2,3]}}');
  await good.close();
  await assertRejects(() => heard.until(isType("down")), Error);
});

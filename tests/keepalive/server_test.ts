import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { connectKeepalive } from "../../keepalive/client.ts";
import type {
  KeepaliveClientEvent,
  KeepaliveConnectionEvent,
  KeepaliveServerEvent,
} from "../../keepalive/events.ts";
import { type KeepaliveServer, serveKeepalive } from "../../keepalive/server.ts";
import { keepaliveDetection, type KeepaliveTiming } from "../../keepalive/options.ts";
import { openNet } from "../../net/open.ts";
import type { StreamConnection } from "../../net/stream.ts";
import { collect } from "../support/collect.ts";
import { EventLog } from "../support/event_log.ts";
import { watchPauses } from "../support/pauses.ts";
import { TcpRelay } from "../support/tcp_relay.ts";

const SOCKETS = { permissions: { net: ["127.0.0.1"] } };
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Silence is found after 200 + 3 x 200 = 800 ms. */
const FAST = {
  heartBeatInterval: 100,
  heartBeatThreshold: 200,
  heartBeatAdditionalTries: 2,
  dataThreshold: 200,
} satisfies KeepaliveTiming;
const FAST_CLIENT = { ...FAST, dataInterval: 50 };

type Event = { readonly type: string };
type Ended = Extract<KeepaliveConnectionEvent, { type: "disconnected" }>;

const isType = (type: string) => (event: Event) => event.type === type;

/** Waits for the end of a connection and returns its event. */
async function endOf(log: EventLog<Event>): Promise<Ended> {
  return await log.until(isType("disconnected")) as Ended;
}

/** A peer without manners: raw bytes over TCP. */
async function rawClient(server: KeepaliveServer): Promise<StreamConnection> {
  return await (await openNet()).connectStream(server.address);
}

const send = (raw: StreamConnection, text: string) => raw.write(ENCODER.encode(text));

/** Reads everything until the end, and may answer every line. */
function follow(
  raw: StreamConnection,
  answer: (line: string) => string = () => "",
): { lines: string[]; ended: Promise<void> } {
  const lines: string[] = [];
  let rest = "";
  const ended = raw.receive((bytes) => {
    const parts = (rest + DECODER.decode(bytes)).split("\n");
    rest = parts.pop()!;
    for (const line of parts) {
      lines.push(line);
      const reply = answer(line);
      if (reply) send(raw, reply).catch(() => {});
    }
  }).catch(() => {});
  return { lines, ended };
}

/** Listens for one raw connection. */
async function rawServer(
  serve: (raw: StreamConnection) => void,
): Promise<{ port: number; close: () => Promise<void> }> {
  const listener = await (await openNet()).listenStream({ hostname: "127.0.0.1", port: 0 });
  const open: StreamConnection[] = [];
  const accepting = listener.accept((raw) => {
    open.push(raw);
    serve(raw);
  }, () => {});
  return {
    port: listener.address.port,
    async close() {
      listener.close();
      for (const raw of open) raw.close();
      await accepting;
    },
  };
}

/** How long this process itself did not run, which puts off every verdict. */
function lagOf(log: EventLog<Event>): number {
  return log.events.reduce((sum, event) => {
    return event.type === "stalled" ? sum + (event as unknown as { by: number }).by : sum;
  }, 0);
}

/**
 * Detection is exact: not a tick early, and at most 100 ms late, but for the time in which this process
 * was kept from the processor and for what timers are late: each of the `steps` waits for one.
 */
function assertOnTime(silentFor: number, expected: number, ours: number, steps = FAST_STEPS): void {
  const late = silentFor - expected, excused = ours + steps * TIMER_SLACK;
  assert(late >= 0 && late <= 100 + excused, `${late} ms late, of which ${excused} ms are ours`);
}

/** Silence, and then at most so many probes, with the figures of `FAST`. */
const FAST_STEPS = 4;
/** In ms, of a runtime on a machine with other work. */
const TIMER_SLACK = 4;

Deno.test("many clients at once: each message of each is answered once", SOCKETS, async () => {
  const reply = (payload: string) => payload.toUpperCase();
  await using server = await serveKeepalive({ port: 0, reply });
  const { port } = server.address;
  const seen = new EventLog(server);
  await Promise.all(Array.from({ length: 50 }, async (_, n) => {
    await using client = await connectKeepalive({ port, payload: `client ${n}`, dataInterval: 20 });
    const log = new EventLog(client);
    for (let id = 1; id <= 4; id++) {
      const event = await log.until((one) => one.type === "reply" && one.id === id);
      assert(event.type === "reply" && event.payload === `CLIENT ${n}`);
    }
  }));
  for (let n = 0; n < 50; n++) {
    const ids = seen.events.flatMap((one) =>
      one.type === "data" && one.payload === `client ${n}` ? [one.id] : []
    );
    assertEquals(ids, Array.from(ids, (_, i) => i + 1));
  }
  let left = 50;
  await seen.until((event) => event.type === "disconnected" && --left === 0);
  const ends = seen.events.filter(isType("disconnected")) as Ended[];
  assertEquals(
    ends.map(({ reason, said }) => `${reason} ${said}`),
    Array(50).fill("terminated closed"),
  );
});

const CONFIGURATIONS: KeepaliveTiming[] = [
  FAST,
  { ...FAST, heartBeatAdditionalTries: 0 },
  { ...FAST, heartBeatThreshold: 20, heartBeatAdditionalTries: 30 },
];

for (const timing of CONFIGURATIONS) {
  const expected = keepaliveDetection(timing).fromData;
  const tries = 1 + timing.heartBeatAdditionalTries!;
  const name = `${tries} probes of ${timing.heartBeatThreshold} ms`;

  Deno.test(`a client that goes silent is found within 100 ms: ${name}`, SOCKETS, async () => {
    await using server = await serveKeepalive({ port: 0, ...timing });
    const log = new EventLog(server);
    const pauses = watchPauses();
    const raw = await rawClient(server);
    const { lines, ended } = follow(raw);
    await send(raw, "DATA 1 last words\n");
    const end = await endOf(log);
    assertEquals(end.reason, "silent");
    assertOnTime(end.silentFor, expected, lagOf(log) + pauses.end(), tries + 1);
    await ended;
    raw.close();
    const probes = Array.from({ length: tries }, (_, n) => `HEARTBEAT ${n + 1}`);
    assertEquals(lines, ["REPLY 1 last words", ...probes, "TERMINATE silent"]);
  });

  Deno.test(`a server that goes silent is found within 100 ms: ${name}`, SOCKETS, async () => {
    const silent = await rawServer((raw) => follow(raw));
    const { port } = silent;
    const client = await connectKeepalive({ port, ...timing, dataInterval: Infinity });
    const log = new EventLog(client);
    const pauses = watchPauses();
    const end = await endOf(log);
    assertEquals(end.reason, "silent");
    assertOnTime(end.silentFor, expected, lagOf(log) + pauses.end(), tries + 1);
    await log.ended;
    await silent.close();
  });
}

/** A client behind a relay, both sides with the same figures. */
async function relayed(timing: KeepaliveTiming): Promise<{
  relay: TcpRelay;
  server: EventLog<KeepaliveServerEvent | Event>;
  client: EventLog<KeepaliveClientEvent | Event>;
  close: () => Promise<void>;
}> {
  const served = await serveKeepalive({ port: 0, ...timing });
  const relay = await TcpRelay.open(served.address);
  const { port } = relay.address;
  const connected = await connectKeepalive({ port, ...timing, dataInterval: 50 });
  const server = new EventLog<Event>(served), client = new EventLog<Event>(connected);
  await client.until(isType("reply"));
  return {
    relay,
    server,
    client,
    async close() {
      await Promise.all([connected.close(), served.close(), relay.close()]);
    },
  };
}

Deno.test("a link blackholed both ways: both sides find out on schedule", SOCKETS, async () => {
  const { relay, server, client, close } = await relayed(FAST);
  relay.toServer.hold();
  relay.toClient.hold();
  for (const log of [server, client]) {
    const end = await endOf(log);
    assertEquals(end.reason, "silent");
    assertOnTime(end.silentFor, 800, lagOf(log));
  }
  await close();
});

Deno.test("a link blackholed towards the client: it finds out and says so", SOCKETS, async () => {
  const { relay, server, client, close } = await relayed(FAST);
  relay.toClient.hold();
  const end = await endOf(client);
  assertEquals(end.reason, "silent");
  assertOnTime(end.silentFor, 800, lagOf(client));
  const told = await endOf(server);
  assertEquals([told.reason, told.said], ["terminated", "silent"]);
  await close();
});

Deno.test("a link blackholed towards the server: it finds out and says so", SOCKETS, async () => {
  const { relay, server, client, close } = await relayed(FAST);
  relay.toServer.hold();
  const end = await endOf(server);
  assertEquals(end.reason, "silent");
  assertOnTime(end.silentFor, 800, lagOf(server));
  const told = await endOf(client);
  assertEquals([told.reason, told.said], ["terminated", "silent"]);
  await close();
});

Deno.test("a link that heals in time costs nothing but a phase", SOCKETS, async () => {
  const { relay, server, client, close } = await relayed(FAST);
  relay.toServer.hold();
  relay.toClient.hold();
  const inPhase = (phase: string) => (event: Event) =>
    event.type === "phase" && (event as { phase?: string }).phase === phase;
  await Promise.all([server, client].map((log) => log.until(inPhase("heartbeat"))));
  relay.toServer.heal();
  relay.toClient.heal();
  await Promise.all([server, client].map((log) => log.until(inPhase("data"))));
  for (const log of [server, client]) {
    assertEquals(log.events.filter(isType("disconnected")), []);
  }
  await close();
});

Deno.test(
  "a server that answers heartbeats but never data is kept, and told of",
  SOCKETS,
  async () => {
    const echo = (line: string) =>
      line.startsWith("HEARTBEAT ") ? line.replace(" ", "-ACK ") + "\n" : "";
    const deaf = await rawServer((raw) => follow(raw, echo));
    const client = await connectKeepalive({ port: deaf.port, ...FAST_CLIENT });
    const log = new EventLog(client);
    const told = await log.until(isType("probes-only"));
    assert(told.type === "probes-only" && told.unreplied >= 3 && told.noDataFor >= 200);
    await log.until((event) => event.type === "probe-answered" && event.id === 5);
    assertEquals(log.events.filter(isType("probes-only")).length, 1);
    assertEquals(client.report().phase, "heartbeat");
    await client.close();
    assertEquals(log.events.filter(isType("disconnected")), []);
    await deaf.close();
  },
);

Deno.test("rubbish and an endless line end their connection only", SOCKETS, async () => {
  await using server = await serveKeepalive({ port: 0, ...FAST });
  const log = new EventLog(server);
  await using client = await connectKeepalive({ port: server.address.port, ...FAST_CLIENT });
  const good = new EventLog(client);
  const cases = [["GET / HTTP/1.1\r\n\r\n", "malformed"], ["x".repeat(20_000), "too-long"]];
  for (const [text, reason] of cases) {
    const raw = await rawClient(server);
    const { ended } = follow(raw);
    await send(raw, text!);
    await log.until((event) => event.type === "disconnected" && event.reason === reason);
    await ended;
    raw.close();
  }
  const { id } = await good.until(isType("reply")) as { id: number };
  await good.until((event) => event.type === "reply" && event.id > id + 5);
  assertEquals(server.clients().length, 1);
});

Deno.test(
  "a client that never reads holds 64 KiB at most and is closed for it",
  SOCKETS,
  async () => {
    let most = 0;
    await using server = await serveKeepalive({
      port: 0,
      ...FAST,
      reply(payload) {
        most = Math.max(most, ...server.clients().map(({ unsent }) => unsent));
        return payload;
      },
    });
    const log = new EventLog(server);
    const raw = await rawClient(server);
    const ended = endOf(log);
    let over = false;
    void ended.then(() => over = true);
    const line = `DATA 1 ${"y".repeat(8_000)}\n`;
    while (!over) await Promise.race([send(raw, line).catch(() => {}), ended]);
    assertEquals((await ended).reason, "not-reading");
    assert(most > 32_768 && most <= 65_536, `${most}`);
    raw.close();
  },
);

Deno.test(
  "a burst far above 64 KiB whose answers are read is answered whole",
  SOCKETS,
  async () => {
    await using server = await serveKeepalive({ port: 0 });
    const raw = await rawClient(server);
    const count = 200;
    const done = follow(raw);
    const burst = Array.from({ length: count }, (_, n) => `DATA ${n + 1} ${"z".repeat(4_000)}\n`);
    await send(raw, burst.join(""));
    const log = new EventLog(server);
    await log.until((event) =>
      event.type === "disconnected" || event.type === "data" && event.id === count
    );
    await send(raw, "TERMINATE enough\n");
    assertEquals((await endOf(log)).reason, "terminated");
    await done.ended;
    assertEquals(done.lines.length, count);
    raw.close();
  },
);

Deno.test("FIN in the middle of a line is an end", SOCKETS, async () => {
  await using server = await serveKeepalive({ port: 0 });
  const log = new EventLog(server);
  const raw = await rawClient(server);
  await send(raw, "DATA 1 hal");
  raw.close();
  assertEquals((await endOf(log)).reason, "end");
});

// Field note: an event-loop stall declares every live client dead.
Deno.test(
  "a server that is blocked for longer than detection takes kills nobody",
  SOCKETS,
  async () => {
    await using server = await serveKeepalive({ port: 0, ...FAST });
    const log = new EventLog(server);
    const { port } = server.address;
    await using client = await connectKeepalive({ port, ...FAST_CLIENT });
    const mine = new EventLog(client);
    await mine.until(isType("reply"));
    const until = performance.now() + 1_200;
    while (performance.now() < until);
    await log.until(isType("stalled"));
    const sent = mine.events.filter(isType("sent")).length;
    await mine.until((event) => event.type === "reply" && event.id > sent + 3);
    assertEquals([...log.events, ...mine.events].filter(isType("disconnected")), []);
  },
);

Deno.test("both sides may send, at any time and anything", SOCKETS, async () => {
  await using server = await serveKeepalive({ port: 0, reply: () => undefined });
  const log = new EventLog(server);
  const { port } = server.address;
  await using client = await connectKeepalive({
    port,
    dataInterval: Infinity,
    reply: (payload) => Promise.resolve(`thanks for ${payload}`),
  });
  const { client: name } = await log.until(isType("connected")) as { client: string };
  const id = server.send(name, "news\nof the day");
  const reply = await log.until(isType("reply"));
  assert(reply.type === "reply" && reply.id === id);
  assertEquals(reply.payload, "thanks for news\nof the day");
  client.send("silently taken");
  await client.flushed();
  await log.until((event) => event.type === "data" && event.payload === "silently taken");
  await server.flushed(name);
  assertEquals(server.clients().map(({ unreplied }) => unreplied), [0]);
  assertEquals(client.report().unreplied, 1);
});

Deno.test("what cannot be sent is refused with a code", SOCKETS, async () => {
  await using server = await serveKeepalive({ port: 0 });
  const client = await connectKeepalive({ port: server.address.port });
  const codeOf = (action: () => unknown) => assertThrows(action, HeartlineError).code;
  assertEquals(codeOf(() => client.send("x".repeat(9_000))), "invalid-option");
  assertEquals(codeOf(() => server.send("127.0.0.1:1", "x")), "closed");
  await client.close();
  assertEquals(codeOf(() => client.send("x")), "closed");
});

Deno.test(
  "a reply that throws ends its own connection, and all others go on",
  SOCKETS,
  async () => {
    const replies: Record<string, () => unknown> = {
      bug: () => {
        throw new Error("a bug of mine\nand where it is");
      },
      later: () => Promise.reject("a bug of mine"),
      long: () => "x".repeat(9_000),
      number: () => Promise.resolve(7),
      good: () => "well",
    };
    const reply = (payload: string) => replies[payload]!() as string;
    await using server = await serveKeepalive({ port: 0, reply });
    const log = new EventLog(server);
    const { port } = server.address;
    await using other = await connectKeepalive({ port, dataInterval: Infinity });
    const heard = new EventLog(other);
    for (
      const [payload, said] of [
        ["bug", "a bug of mine"],
        ["later", "a bug of mine"],
        ["long", "Cannot send a payload: wanted at most 8192 bytes"],
        ["number", "wanted text or undefined of reply, current value is 7"],
      ] as const
    ) {
      const client = await connectKeepalive({ port, dataInterval: Infinity });
      const name = client.report().server && (await log.until(isType("connected"))).type;
      assertEquals(name, "connected");
      client.send(payload);
      const events = await collect(client);
      const end = events.at(-1)!;
      assert(
        end.type === "disconnected" && end.reason === "terminated" && end.said === "user-code",
      );
      const ended = await log.until((event) => {
        return event.type === "disconnected" && event.reason === "user-code";
      });
      assert(ended.type === "disconnected" && ended.said!.startsWith(said), ended.type);
      log.events.length = 0;
      other.send("good");
      await heard.until((event) => event.type === "reply" && event.payload === "well");
      heard.events.length = 0;
    }
  },
);

Deno.test("a client's reply that throws ends its connection, and is told", SOCKETS, async () => {
  await using server = await serveKeepalive({ port: 0 });
  const log = new EventLog(server);
  const reply = () => {
    throw new Error("a bug of mine");
  };
  const client = await connectKeepalive({ port: server.address.port, reply });
  const connected = await log.until(isType("connected"));
  assert(connected.type === "connected");
  server.send(connected.client, "your turn");
  const end = (await collect(client)).at(-1)!;
  assert(end.type === "disconnected" && end.reason === "user-code" && end.said === "a bug of mine");
});

Deno.test(
  "an application that never answers does not keep the server from closing",
  SOCKETS,
  async () => {
    const server = await serveKeepalive({ port: 0, reply: () => new Promise(() => {}) });
    const client = await connectKeepalive({ port: server.address.port });
    const log = new EventLog(server);
    await log.until(isType("data"));
    await server.close();
    assertEquals((await collect(client)).at(-1)?.type, "disconnected");
  },
);

Deno.test("clients above the limit are told why", SOCKETS, async () => {
  await using server = await serveKeepalive({ port: 0, maxClients: 1 });
  const { port } = server.address;
  const log = new EventLog(server);
  await using _first = await connectKeepalive({ port });
  await log.until(isType("connected"));
  const second = await connectKeepalive({ port });
  const end = (await collect(second)).at(-1) as Ended;
  assertEquals([end.type, end.reason, end.said], [
    "disconnected",
    "terminated",
    "too-many-clients",
  ]);
  await log.until((event) => event.type === "rejected" && event.count === 1);
});

Deno.test("nobody listens, nobody answers, nobody waits: each has its code", SOCKETS, async () => {
  const net = await openNet();
  const free = await net.listenStream({ hostname: "127.0.0.1", port: 0 });
  free.close();
  const { port } = free.address;
  const codeOf = async (action: () => Promise<unknown>) =>
    (await assertRejects(action, HeartlineError)).code;
  assertEquals(await codeOf(() => connectKeepalive({ port })), "connection-refused");
  const never: typeof net = {
    ...net,
    connectStream: (_to, { signal } = {}) =>
      new Promise((_, reject) => {
        const stop = () => reject(new HeartlineError("closed", "Cannot connect: Stopped"));
        if (signal?.aborted) stop();
        else signal?.addEventListener("abort", stop);
      }),
  };
  const late = () => connectKeepalive({ port, net: never, connectTimeout: 20 });
  assertEquals(await codeOf(late), "timed-out");
  const stop = new AbortController();
  const stopped = connectKeepalive({ port, net: never, signal: stop.signal });
  stop.abort();
  assertEquals(await codeOf(() => stopped), "closed");
  const { signal } = stop;
  assertEquals(await codeOf(() => connectKeepalive({ port, net: never, signal })), "closed");
  assertEquals(
    await codeOf(() => connectKeepalive({ port, payload: "x".repeat(9_000) })),
    "invalid-option",
  );
  assertEquals(await codeOf(() => connectKeepalive({ port: 0 })), "invalid-option");
  await using server = await serveKeepalive({ port: 0 });
  const taken = () => serveKeepalive({ port: server.address.port });
  assertEquals(await codeOf(taken), "address-in-use");
});

Deno.test("close and signals leave nothing open, and may come twice", SOCKETS, async () => {
  const stop = new AbortController();
  const server = await serveKeepalive({ port: 0, signal: stop.signal });
  const { port } = server.address;
  const raw = await rawClient(server);
  const client = await connectKeepalive({ port, signal: stop.signal });
  const log = new EventLog(server);
  await log.until(isType("data"));
  stop.abort();
  await Promise.all([server.close(), server.close(), client.close(), client.close()]);
  raw.close();
  await (await serveKeepalive({ port })).close();
});

Deno.test("a failure to accept is told and does not end the server", SOCKETS, async () => {
  const net = await openNet();
  await using server = await serveKeepalive({
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
  const log = new EventLog(server);
  await using _client = await connectKeepalive({ port: server.address.port });
  await log.until(isType("connected"));
  const types = log.events.map(({ type }) => type);
  assertEquals(types.slice(0, 3), ["listening", "accept-failed", "connected"]);
});

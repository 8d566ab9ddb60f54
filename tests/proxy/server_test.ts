import { assert, assertEquals, assertRejects } from "@std/assert";
import { HeartlineError } from "../../core/errors.ts";
import { sendDatagram } from "../../net/datagram.ts";
import type { Net } from "../../net/net.ts";
import { nodeNet } from "../../net/node.ts";
import { openNet } from "../../net/open.ts";
import type { StreamConnection } from "../../net/stream.ts";
import type { ProxyEvent } from "../../proxy/events.ts";
import { type FaultProxy, type ProxyOptions, serveProxy } from "../../proxy/server.ts";
import { deferred } from "../support/contract.ts";
import { EventLog } from "../support/event_log.ts";

const HOST = "127.0.0.1";
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();

/** Defines a socket test. */
function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `proxy: ${name}`, permissions: { net: [HOST] }, fn });
}

/** What one connection received: text so far, and how it ended. */
class Reader {
  text = "";
  readonly ended: Promise<string>;
  #waiting: { length: number; resolve: () => void } | undefined;

  constructor(readonly connection: StreamConnection) {
    this.ended = connection.receive((bytes) => {
      this.text += DECODER.decode(bytes);
      if (this.#waiting && this.text.length >= this.#waiting.length) this.#waiting.resolve();
    }).then(() => "end", (error: HeartlineError) => error.code);
  }

  /** Waits until so many characters came. */
  async until(length: number): Promise<string> {
    if (this.text.length < length) {
      await new Promise<void>((resolve) => this.#waiting = { length, resolve });
    }
    return this.text;
  }

  send(text: string): Promise<void> {
    return this.connection.write(ENCODER.encode(text));
  }
}

/** A server of a test, a proxy before it, and what opens links through both. */
class World implements AsyncDisposable {
  readonly log: EventLog<ProxyEvent | { type: "dropped" }>;
  readonly #open: { close(): void }[] = [];
  readonly #accepting: Promise<void>;
  #accepted = deferred<Reader>();
  #links = 0;
  #listening = 1;

  private constructor(readonly net: Net, readonly proxy: FaultProxy, listener: Listener) {
    this.log = new EventLog(proxy);
    this.#open.push(listener);
    this.#accepting = listener.accept((connection) => {
      this.#open.push(connection);
      this.#accepted.resolve(new Reader(connection));
    }, assert);
  }

  static async open(options: ProxyOptions = {}, net?: Net): Promise<World> {
    const sockets = net ?? await openNet();
    const listener = await sockets.listenStream({ hostname: HOST, port: 0 });
    const proxy = await serveProxy({
      listen: { port: 0 },
      upstream: listener.address,
      seed: 1,
      ...options,
      ...(net && { net }),
    });
    return new World(sockets, proxy, listener);
  }

  /** Opens a link; both of its ends, once the proxy knows them too. */
  async link(): Promise<{ client: Reader; server: Reader }> {
    this.#accepted = deferred();
    const client = await this.client();
    const server = await this.#accepted.promise;
    await this.#times(++this.#links, "connected");
    return { client, server };
  }

  /** Waits until the port, which was closed to refuse clients, is open again. */
  listeningAgain(): Promise<void> {
    return this.#times(++this.#listening, "listening");
  }

  async #times(count: number, type: ProxyEvent["type"]): Promise<void> {
    let seen = 0;
    await this.log.until((event) => event.type === type && ++seen === count);
  }

  /** Connects to the proxy. */
  async client(): Promise<Reader> {
    const connection = await this.net.connectStream(this.proxy.address);
    this.#open.push(connection);
    return new Reader(connection);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#open) end.close();
    await this.proxy.close();
    await this.#accepting;
    await this.log.ended;
  }
}

type Listener = Awaited<ReturnType<Net["listenStream"]>>;

for (
  const [adapter, net] of [["this runtime's adapter", undefined], [
    "Node's adapter",
    nodeNet,
  ]] as const
) {
  test(`${adapter}: bytes, half-closes and ends go through`, async () => {
    await using world = await World.open({}, net);
    const { client, server } = await world.link();
    await client.send("question");
    assertEquals(await server.until(8), "question");
    await client.connection.end();
    assertEquals(await server.ended, "end");
    await server.send("answer");
    assertEquals(await client.until(6), "answer");
    await server.connection.end();
    assertEquals(await client.ended, "end");
    const gone = await world.log.until(({ type }) => type === "disconnected");
    assertEquals(gone, { type: "disconnected", link: "tcp-1", reason: "end", up: 8, down: 6 });
  });

  test(`${adapter}: an idle link is reset at both ends`, async () => {
    await using world = await World.open({}, net);
    const { client, server } = await world.link();
    world.proxy.inject("reset");
    assertEquals([await client.ended, await server.ended], [
      "connection-reset",
      "connection-reset",
    ]);
  });
}

test("a reset of the client reaches the server, and the other way round", async () => {
  await using world = await World.open({}, nodeNet);
  const one = await world.link();
  one.client.connection.reset();
  assertEquals(await one.server.ended, "connection-reset");
  const two = await world.link();
  two.server.connection.reset();
  assertEquals(await two.client.ended, "connection-reset");
});

test("every fault that only delays delivers 200 kB unchanged", async () => {
  const text = Array.from({ length: 20_000 }, (_, n) => `${n}`.padStart(9) + "\n").join("");
  for (const faults of [{ latency: 5, jitter: 5 }, { bandwidth: 2e6 }, { slice: 20_000 }]) {
    await using world = await World.open({ faults });
    const { client, server } = await world.link();
    await client.send(text);
    assert(await server.until(text.length) === text, JSON.stringify(faults));
  }
});

test("a cut behind two lines delivers just these, then a reset", async () => {
  await using world = await World.open({ faults: { up: { cutLines: 2 } } });
  const { client, server } = await world.link();
  await client.send("one\ntwo\nthree\n");
  assertEquals(await server.ended, "connection-reset");
  assertEquals(server.text, "one\ntwo\n");
  assertEquals(await client.ended, "connection-reset");
});

test("a FIN goes one way, the other stays open", async () => {
  await using world = await World.open();
  const { client, server } = await world.link();
  world.proxy.inject("fin", "up");
  assertEquals(await server.ended, "end");
  await client.send("into the void");
  await server.send("still here");
  assertEquals(await client.until(10), "still here");
});

test("refuse means that nobody listens, until it ends", async () => {
  await using world = await World.open({ faults: { refuse: 1 } });
  const error = await assertRejects(() => world.client(), HeartlineError);
  assertEquals(error.code, "connection-refused");
  world.proxy.set({});
  await world.listeningAgain();
  const { client, server } = await world.link();
  await client.send("x");
  assertEquals(await server.until(1), "x");
});

test("accepted and then silence: nothing comes, the server hears of nobody", async () => {
  await using world = await World.open({ faults: { silence: 1 } });
  const client = await world.client();
  await world.log.until((event) => event.type === "fault" && event.fault === "silence");
  await client.send("hello?");
  world.proxy.inject("reset");
  assertEquals([await client.ended, client.text], ["connection-reset", ""]);
});

test("a blackhole one way heals and delivers what it held, in order", async () => {
  await using world = await World.open({ faults: { up: { blackhole: true } } });
  const { client, server } = await world.link();
  for (const text of ["1", "2", "3"]) await client.send(text);
  await server.send("down is open");
  await client.until(12);
  assertEquals(server.text, "");
  world.proxy.set({});
  assertEquals(await server.until(3), "123");
});

test("what a blackhole cannot hold stays with its sender, and comes in the end", async () => {
  await using world = await World.open({ faults: { blackhole: true } });
  const { client, server } = await world.link();
  let written = false;
  const length = 20_000_000;
  const sending = client.send("x".repeat(length)).then(() => written = true);
  await world.log.until(({ type }) => type === "connected");
  assertEquals(written, false);
  world.proxy.set({});
  await sending;
  assertEquals((await server.until(length)).length, length);
});

test("a server that is away resets the client, and the proxy goes on", async () => {
  const away = await (await openNet()).listenStream({ hostname: HOST, port: 0 });
  away.close();
  await using world = await World.open({ upstream: away.address });
  const client = await world.client();
  assertEquals(await client.ended, "connection-reset");
  const said = await world.log.until(({ type }) => type === "unreachable");
  assert(said.type === "unreachable" && said.code === "connection-refused");
  assertEquals(world.proxy.links, 0);
});

test("cut drops the links and refuses, heal takes new ones", async () => {
  await using world = await World.open();
  const { client } = await world.link();
  world.proxy.cut();
  assertEquals(await client.ended, "connection-reset");
  await assertRejects(() => world.client(), HeartlineError);
  world.proxy.heal();
  await world.listeningAgain();
  const again = await world.link();
  await again.client.send("x");
  assertEquals(await again.server.until(1), "x");
});

test("UDP: goes to and fro, each client with a socket of its own", async () => {
  const net = await openNet();
  const any = { hostname: HOST, port: 0 };
  const server = await net.bindDatagram(any);
  const proxy = await serveProxy({
    ...{ listen: { port: 0 }, upstream: server.address, transport: "udp", seed: 1 },
  });
  const log = new EventLog(proxy);
  const seen = new Set<number>();
  const serving = server.receive((bytes, from) => {
    seen.add(from.port);
    void sendDatagram(server, bytes.slice(), from);
  });
  const clients = await Promise.all([net.bindDatagram(any), net.bindDatagram(any)]);
  const echoes = clients.map((client, n) => {
    const echo = deferred<string>();
    void client.receive((bytes) => echo.resolve(DECODER.decode(bytes)));
    void sendDatagram(client, ENCODER.encode(`from ${n}`), proxy.address);
    return echo.promise;
  });
  assertEquals(await Promise.all(echoes), ["from 0", "from 1"]);
  assertEquals([seen.size, proxy.links], [2, 2]);
  proxy.set({ up: { loss: 1 } });
  await sendDatagram(clients[0]!, ENCODER.encode("lost"), proxy.address);
  const fault = await log.until(({ type }) => type === "fault");
  assertEquals(fault, { type: "fault", link: "udp-1", direction: "up", fault: "loss", at: 2 });
  for (const socket of [server, ...clients]) socket.close();
  await proxy.close();
  await serving;
  await log.ended;
});

test("UDP: only the server's own answers go to a client", async () => {
  const net = await openNet();
  const any = { hostname: HOST, port: 0 };
  const [server, stranger, client] = await Promise.all([1, 2, 3].map(() => net.bindDatagram(any)));
  const proxy = await serveProxy({
    ...{ listen: { port: 0 }, upstream: server!.address, transport: "udp", seed: 1 },
  });
  const serving = server!.receive(async (_, from) => {
    const link = { ...from };
    // On the loopback, what was sent first arrives first.
    await sendDatagram(stranger!, ENCODER.encode("false"), link);
    await sendDatagram(server!, ENCODER.encode("true"), link);
  });
  const heard: string[] = [];
  const echo = deferred<void>();
  const listening = client!.receive((bytes) => {
    heard.push(DECODER.decode(bytes));
    if (heard.includes("true")) echo.resolve();
  });
  await sendDatagram(client!, ENCODER.encode("?"), proxy.address);
  await echo.promise;
  assertEquals(heard, ["true"]);
  for (const socket of [server!, stranger!, client!]) socket.close();
  await Promise.all([proxy.close(), serving, listening]);
});

test("UDP: a link that is dropped while its socket is being opened leaves none open", async () => {
  const adapter = await openNet();
  const asked = deferred<void>(), found = deferred<string>(), bound = deferred<void>();
  let open = 0;
  const net: Net = {
    ...adapter,
    lookup() {
      asked.resolve();
      return found.promise;
    },
    async bindDatagram(at) {
      const socket = await adapter.bindDatagram(at);
      if (++open === 2) bound.resolve();
      const close = (): void => {
        open--;
        socket.close();
      };
      return { ...socket, close };
    },
  };
  const client = await adapter.bindDatagram({ hostname: HOST, port: 0 });
  const proxy = await serveProxy({ listen: { port: 0 }, transport: "udp", seed: 1, net });
  await sendDatagram(client, ENCODER.encode("?"), proxy.address);
  await asked.promise;
  proxy.cut();
  found.resolve(HOST);
  await bound.promise;
  await new Promise((resolve) => setTimeout(resolve));
  assertEquals([open, proxy.links], [1, 0]);
  client.close();
  await proxy.close();
});

test("both transports share a port number", async () => {
  await using world = await World.open({ transport: "both" });
  const heard = await world.log.until((event) =>
    event.type === "listening" && event.transport === "udp"
  );
  assert(heard.type === "listening" && heard.port === world.proxy.address.port);
  const { client, server } = await world.link();
  await client.send("x");
  assertEquals(await server.until(1), "x");
});

test("close leaves nothing open, also with bytes held", async () => {
  const world = await World.open({ faults: { blackhole: true } });
  const { client } = await world.link();
  await client.send("held");
  await Promise.all([world.proxy.close(), world.proxy.close()]);
  await client.ended;
  await world[Symbol.asyncDispose]();
});

test("a wrong option opens nothing", async () => {
  const error = await assertRejects(
    () => serveProxy({ listen: { port: 0 }, faults: { loss: 2 } }),
    HeartlineError,
  );
  assertEquals(error.message, "Cannot use loss: wanted a number in 0..1, current value is 2");
});

test("a link tells what came from each side, and the proxy which faults are in force", async () => {
  await using world = await World.open({ faults: { latency: 1 } });
  assertEquals(world.proxy.faults, { latency: 1 });
  const { client, server } = await world.link();
  await client.send("question");
  await server.until(8);
  assertEquals(world.proxy.received("tcp-1"), { up: 8, down: 0 });
  assertEquals(world.proxy.received("tcp-2"), undefined);
});

test("where the UDP port is taken, the TCP port is given back", async () => {
  const net = await openNet();
  let isOpen = false;
  // A port that is really taken may be so for TCP, too, by somebody else on this machine.
  const taken: Net = {
    ...net,
    bindDatagram: () => Promise.reject(new HeartlineError("address-in-use", "Cannot bind")),
    listenStream: async (at) => {
      const listener = await net.listenStream(at);
      isOpen = true;
      const close = (): void => {
        isOpen = false;
        listener.close();
      };
      return { address: listener.address, accept: listener.accept.bind(listener), close };
    },
  };
  const error = await assertRejects(
    () => serveProxy({ listen: { port: 0 }, transport: "both", net: taken }),
    HeartlineError,
  );
  assertEquals([error.code, isOpen], ["address-in-use", false]);
});

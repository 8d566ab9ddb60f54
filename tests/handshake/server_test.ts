import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Address } from "../../core/address.ts";
import { HeartlineError } from "../../core/errors.ts";
import { connectHandshake, type HandshakeClientOptions } from "../../handshake/client.ts";
import type { HandshakeClientEvent } from "../../handshake/events.ts";
import { type HandshakeServer, serveHandshake } from "../../handshake/server.ts";
import { sendDatagram } from "../../net/datagram.ts";
import { openNet } from "../../net/open.ts";
import type { StreamConnection } from "../../net/stream.ts";
import { collect } from "../support/collect.ts";
import { deferred } from "../support/contract.ts";
import { VirtualClock } from "../support/virtual_clock.ts";
import { bytesOf } from "./server_story.ts";

const SOCKETS = { permissions: { net: ["127.0.0.1"] } };
const HOST = "127.0.0.1";

/** Runs a client to its end; that this process did not run, as on a busy machine, is left out. */
async function ask(
  server: HandshakeServer,
  options: Omit<HandshakeClientOptions, "port">,
): Promise<HandshakeClientEvent[]> {
  const client = await connectHandshake({ port: server.address.port, ...options });
  const events = await collect(client) as HandshakeClientEvent[];
  return events.filter(({ type }) => type !== "stalled");
}

const types = (events: readonly { readonly type: string }[]) => events.map(({ type }) => type);

async function connect(port: number): Promise<StreamConnection> {
  return await (await openNet()).connectStream({ hostname: HOST, port });
}

/** Reads until `length` bytes came, and closes. */
async function read(connection: StreamConnection, length: number): Promise<string> {
  let text = "";
  await connection.receive((bytes) => {
    text += String.fromCharCode(...bytes);
    if (text.length >= length) connection.close();
  });
  return text;
}

for (const transport of ["udp", "tcp"] as const) {
  Deno.test(
    `${transport}: OK with the client's own address, RESET for the next`,
    SOCKETS,
    async () => {
      await using server = await serveHandshake({ port: 0 });
      const [trying, established] = await ask(server, { id: "9876", transport });
      assert(trying?.type === "trying" && established?.type === "established");
      assertEquals(`${established.hostname}:${established.port}`, trying.local);
      const refused = await ask(server, { id: "9876", transport, nextId: ({ id }) => `${id}-2` });
      assertEquals(types(refused), ["trying", "error", "trying", "established"]);
      assertEquals(server.leases, 2);
    },
  );
}

Deno.test("one table for both transports on one port, picked free for both", SOCKETS, async () => {
  await using server = await serveHandshake({ port: 0, emitRequests: true });
  assertEquals(types(await ask(server, { id: "a", transport: "tcp" })).at(-1), "established");
  assertEquals(types(await ask(server, { id: "a", tries: 1 })), ["trying", "error", "failure"]);
  await server.close();
  const seen = [];
  for await (const event of server) {
    seen.push(`${event.type} ${"transport" in event && event.transport}`);
  }
  assertEquals(seen, ["listening udp", "listening tcp", "granted tcp", "refused udp"]);
});

Deno.test("port 0 with a port that only UDP has in use: another is picked", SOCKETS, async () => {
  const net = await openNet();
  let taken = 0;
  await using server = await serveHandshake({
    port: 0,
    net: {
      ...net,
      bindDatagram(at: Address) {
        if (++taken > 2) return net.bindDatagram(at);
        return Promise.reject(new HeartlineError("address-in-use", "Cannot listen"));
      },
    },
  });
  assertEquals(taken, 3);
  assertEquals(types(await ask(server, { id: "a", transport: "tcp" })).at(-1), "established");
});

Deno.test(
  "a port in use, for either transport, is a typed error and leaves nothing open",
  SOCKETS,
  async () => {
    for (const transport of ["udp", "tcp"] as const) {
      await using first = await serveHandshake({ port: 0, transport });
      const { port } = first.address;
      const error = await assertRejects(() => serveHandshake({ port }), HeartlineError);
      assertEquals(error.code, "address-in-use");
      await first.close();
      await using _again = await serveHandshake({ port, transport });
    }
  },
);

Deno.test("close and signal leave nothing open", SOCKETS, async () => {
  const stop = new AbortController();
  const server = await serveHandshake({ port: 0, signal: stop.signal });
  const { port } = server.address;
  const raw = await connect(port);
  const client = await connectHandshake({ port, id: "a", transport: "tcp", signal: stop.signal });
  stop.abort();
  for await (const _ of server);
  for await (const _ of client);
  raw.close();
  await Promise.all([server.close(), client.close()]);
  await using _again = await serveHandshake({ port });
});

Deno.test("an idle server closes itself and its sockets", SOCKETS, async () => {
  const server = await serveHandshake({ port: 0, idleExit: 60 });
  const { port } = server.address;
  assertEquals(types(await collect(server)), ["listening", "listening", "idle"]);
  await using _again = await serveHandshake({ port });
});

Deno.test(
  "a request without a line feed, at the end of a stream, is answered before the close",
  SOCKETS,
  async () => {
    await using server = await serveHandshake({ port: 0 });
    const plain = await connect(server.address.port);
    await plain.write(bytesOf("HELLO plain"));
    const { port } = plain.local;
    assertEquals(await read(plain, 1), `OK plain 127.0.0.1 ${port}`);
    const lines = await connect(server.address.port);
    await lines.write(bytesOf("HELLO 1\nHELLO 1\nHELLO plain\n"));
    const ok = `OK 1 127.0.0.1 ${lines.local.port}\n`;
    const all = `${ok}${ok}RESET plain\n`;
    assertEquals(await read(lines, all.length), all);
  },
);

Deno.test("rubbish gets its reply to what came before, and is closed", SOCKETS, async () => {
  await using server = await serveHandshake({ port: 0 });
  const raw = await connect(server.address.port);
  await raw.write(bytesOf("HELLO 1\nGET / HTTP/1.1\n"));
  const { port } = raw.local;
  assertEquals(await read(raw, 1_000), `OK 1 127.0.0.1 ${port}\n`);
  raw.close();
  assertEquals(server.rejections(), { malformed: 1 });
});

/** A server whose only connection sends `said` and ends, and takes its replies when told to. */
async function slowPeer(said: string) {
  const taken = deferred(), written = deferred(), over = deferred();
  const happened: string[] = [];
  const remote = { hostname: HOST, port: 1 };
  const net = await openNet();
  const peer: StreamConnection = {
    remote,
    local: remote,
    // It keeps the stream open behind rubbish, and ends it behind anything else.
    async receive(sink) {
      const held = sink(bytesOf(said));
      if (said.includes("rubbish")) await over.promise;
      else await held;
    },
    async write() {
      written.resolve(undefined);
      await taken.promise;
      happened.push("taken");
    },
    end: () => Promise.resolve(),
    reset() {},
    close() {
      happened.push("closed");
      over.resolve(undefined);
    },
  };
  const server = await serveHandshake({
    port: 0,
    transport: "tcp",
    net: {
      ...net,
      async listenStream(at) {
        const listener = await net.listenStream(at);
        const accept: typeof listener.accept = (sink, failed) => {
          sink(peer);
          return listener.accept(sink, failed);
        };
        return { ...listener, accept };
      },
    },
  });
  return { server, happened, taken, written, over };
}

for (const said of ["HELLO 1", "HELLO 1\n", "HELLO 1\nrubbish\n"]) {
  Deno.test(`a reply is taken before the close: ${JSON.stringify(said)}`, SOCKETS, async () => {
    const { server, happened, taken, written, over } = await slowPeer(said);
    await using _server = server;
    await written.promise;
    // Whatever the server does at once it has done after a turn of the event loop.
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(happened, []);
    taken.resolve(undefined);
    await over.promise;
    assertEquals(happened.slice(0, 2), ["taken", "closed"]);
  });
}

Deno.test(
  "a thousand silent TCP peers, and honest clients are answered at once",
  SOCKETS,
  async () => {
    await using server = await serveHandshake({ port: 0, emitRequests: true });
    const { port } = server.address;
    const silent = await Promise.all(Array.from({ length: 1_000 }, () => connect(port)));
    await Promise.all(silent.slice(0, 500).map((raw) => raw.write(bytesOf("HEL"))));
    const started = performance.now();
    for (let i = 0; i < 5; i++) {
      for (const transport of ["udp", "tcp"] as const) {
        const seen = await ask(server, { id: `${transport}-${i}`, transport });
        // A thousand connections may hold this process up, which it then says.
        const said = types(seen).filter((type) => type !== "stalled");
        assertEquals(said, ["trying", "established"]);
      }
    }
    // Far below the silence that ends the thousand: nobody waited for them.
    const took = performance.now() - started;
    assert(took < 5_000, `${took} ms`);
    for (const raw of silent) raw.close();
  },
);

Deno.test("silent peers are closed in time, and those in excess make room", SOCKETS, async () => {
  await using server = await serveHandshake({ port: 0, silence: 100, maxConnections: 2 });
  const { port } = server.address;
  const closed: string[] = [];
  const peers = [];
  for (const name of ["first", "second", "third"]) {
    const raw = await connect(port);
    // Known to the server, in this order, before the next one connects.
    await raw.write(bytesOf(`HELLO ${name}\n`));
    const answered = deferred();
    peers.push(
      raw.receive(() => answered.resolve()).catch(() => {}).then(() => {
        closed.push(name);
        raw.close();
      }),
    );
    await answered.promise;
  }
  await Promise.all(peers);
  assertEquals(closed, ["first", "second", "third"]);
  assertEquals(server.rejections(), { "too-many-connections": 1, "silent": 2 });
});

Deno.test(
  "a peer that asks and never reads is not read from, and is closed in the end",
  SOCKETS,
  async () => {
    await using server = await serveHandshake({ port: 0, silence: 500 });
    const raw = await connect(server.address.port);
    const asked = bytesOf("HELLO 1\n".repeat(8_000));
    let written = 0;
    try {
      for (;; written += asked.length) await raw.write(asked);
    } catch (error) {
      assert(error instanceof HeartlineError, String(error));
    }
    raw.close();
    // What the kernel's buffers hold on both sides, and not more.
    assert(written < 64 * 2 ** 20, `${written} bytes were read`);
    assertEquals(types(await ask(server, { id: "a" })).at(-1), "established");
  },
);

Deno.test(
  "nobody listens: over TCP an error at once, over UDP only after the timeout",
  SOCKETS,
  async () => {
    const server = await serveHandshake({ port: 0 });
    await server.close();
    const refused = await ask(server, { id: "a", transport: "tcp", tries: 2 });
    assertEquals(types(refused), ["error", "error", "failure"]);
    assert(refused[0]?.type === "error" && refused[0].reason === "connection-refused");
    const started = performance.now();
    const [, timedOut] = await ask(server, { id: "a", tries: 1, timeout: 300 });
    assert(timedOut?.type === "error" && timedOut.reason === "timed-out");
    assert(performance.now() - started >= 300);
  },
);

Deno.test("replies of others are ignored and counted", SOCKETS, async () => {
  const net = await openNet();
  const here = { hostname: HOST, port: 0 };
  const [server, stranger] = await Promise.all([net.bindDatagram(here), net.bindDatagram(here)]);
  const serving = server.receive(async (_bytes, { hostname, port }) => {
    const to = { hostname, port };
    await sendDatagram(stranger, bytesOf("RESET 9876"), to);
    await sendDatagram(server, bytesOf("OK 1 127.0.0.1 1"), to);
    await sendDatagram(server, bytesOf("rubbish"), to);
    await sendDatagram(server, bytesOf("OK 9876 10.9.9.9 99"), to);
  });
  const client = await connectHandshake({ port: server.address.port, id: "9876" });
  const seen = await collect(client) as HandshakeClientEvent[];
  server.close();
  stranger.close();
  await serving;
  const ignored = seen.flatMap((event) => event.type === "ignored" ? [event.reason] : []);
  assertEquals(ignored.toSorted(), ["malformed", "other-id", "other-sender"]);
  const last = seen.at(-1)!;
  assert(last.type === "established" && last.hostname === "10.9.9.9" && last.port === 99);
});

Deno.test("each try has a socket of its own", SOCKETS, async () => {
  await using server = await serveHandshake({ port: 0 });
  await ask(server, { id: "taken" });
  for (const transport of ["udp", "tcp"] as const) {
    const seen = await ask(server, { id: "taken", transport });
    const locals = seen.flatMap((event) => event.type === "trying" ? [event.local] : []);
    assertEquals(new Set(locals).size, 3);
  }
});

Deno.test("an address that is found too late is not that of the next try", SOCKETS, async () => {
  const adapter = await openNet();
  await using server = await serveHandshake({ port: 0, transport: "udp" });
  const clock = new VirtualClock();
  const late = deferred<string>(), asked = deferred<string>();
  let lookups = 0, sockets = 0;
  await using client = await connectHandshake({
    port: server.address.port,
    id: "9876",
    clock,
    net: {
      ...adapter,
      lookup: () => lookups++ === 0 ? late.promise : Promise.resolve(HOST),
      async bindDatagram(at) {
        if (sockets++ === 0) {
          late.resolve("127.0.0.9");
          await new Promise((resolve) => setTimeout(resolve));
        }
        const socket = await adapter.bindDatagram(at);
        return {
          ...socket,
          send(bytes, to, sent, failed) {
            asked.resolve(to.hostname);
            socket.send(bytes, to, sent, failed);
          },
        };
      },
    },
  });
  clock.advance(15_000);
  assertEquals(await asked.promise, HOST);
  assertEquals(types(await collect(client)), ["error", "trying", "established"]);
  assertEquals([lookups, sockets], [2, 2]);
});

Deno.test("an id from nextId that is none comes out of the iteration", SOCKETS, async () => {
  await using server = await serveHandshake({ port: 0 });
  await ask(server, { id: "taken" });
  const client = await connectHandshake({
    port: server.address.port,
    id: "taken",
    nextId: () => "a b",
  });
  const error = await assertRejects(() => collect(client), HeartlineError);
  assertEquals(error.code, "invalid-option");
});

Deno.test("a reply that cannot be sent is told, and the next one is sent", SOCKETS, async () => {
  const adapter = await openNet();
  let refused = 0;
  await using server = await serveHandshake({
    port: 0,
    transport: "udp",
    net: {
      ...adapter,
      async bindDatagram(at) {
        const socket = await adapter.bindDatagram(at);
        return {
          ...socket,
          // At once, as `node:dgram` refuses port 0, which a forged datagram may come from.
          send(bytes, to, sent, failed) {
            if (refused++ > 0) return socket.send(bytes, to, sent, failed);
            failed(new HeartlineError("io", "Cannot send: Invalid argument"), to);
          },
        };
      },
    },
  });
  const asked = await ask(server, { id: "9876", transport: "udp", tries: 1, retransmit: true });
  assertEquals(types(asked), ["trying", "established"]);
  await server.close();
  assertEquals(types(await collect(server)), ["listening", "send-failed"]);
});

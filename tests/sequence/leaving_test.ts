import { assert, assertEquals } from "@std/assert";
import type { Net } from "../../net/net.ts";
import type { StreamConnection, StreamSink } from "../../net/stream.ts";
import { serveSequence } from "../../sequence/server.ts";
import { VirtualClock } from "../support/virtual_clock.ts";

const PURE = { permissions: "none" } as const;

/** A connection whose bytes the system takes when the test says so. */
class SlowStream implements StreamConnection {
  readonly remote = { hostname: "10.0.0.1", port: 5_001 };
  readonly local = { hostname: "10.0.0.2", port: 6_001 };
  readonly said: string[] = [];
  unsent = 0;
  closed = false;
  held = false;
  hear: StreamSink = () => {};
  #end = (): void => {};
  #release = (): void => {};

  receive(sink: StreamSink): Promise<void> {
    this.hear = sink;
    return new Promise((resolve) => this.#end = resolve);
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.unsent += bytes.length;
    if (this.held) await new Promise<void>((resolve) => this.#release = resolve);
    this.unsent -= bytes.length;
    this.said.push(new TextDecoder().decode(bytes).split(" ")[0]!);
  }

  async release(): Promise<void> {
    this.#release();
    await settled();
  }

  end(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.closed = true;
    this.#end();
  }

  reset(): void {
    this.close();
  }
}

/** A server with one client that has a session, and time that stands still. */
async function streaming() {
  const clock = new VirtualClock();
  const stream = new SlowStream();
  let close = (): void => {};
  const net = {
    listenStream: () =>
      Promise.resolve({
        address: { hostname: "10.0.0.2", port: 6_001 },
        accept(sink: (stream: StreamConnection) => void) {
          sink(stream);
          return new Promise<void>((resolve) => close = resolve);
        },
        close: () => close(),
      }),
  } as unknown as Net;
  const server = await serveSequence({ clock, net });
  const hello = "HELLO 1 01234567-89ab-4def-8123-456789abcdef 9\n";
  void stream.hear(new TextEncoder().encode(hello));
  await settled();
  assertEquals(stream.said, ["WELCOME"]);
  return { clock, stream, server };
}

/** All that follows without time. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

Deno.test("a client has time to read GOAWAY from when the system took it", PURE, async () => {
  const { clock, stream, server } = await streaming();
  stream.held = true;
  const closed = server.close();
  clock.advance(1_900);
  assert(!stream.closed, "the system is busy");
  await stream.release();
  assertEquals(stream.said, ["WELCOME", "GOAWAY"]);
  clock.advance(1_999);
  assert(!stream.closed, "the client is busy");
  clock.advance(1);
  assert(stream.closed, "and is not waited for any longer");
  await closed;
  assertEquals(clock.pending, 0);
});

Deno.test("a server has stopped as soon as its clients have gone", PURE, async () => {
  const { clock, stream, server } = await streaming();
  const closed = server.close();
  await settled();
  assert(!stream.closed);
  stream.close();
  await closed;
  assertEquals(clock.pending, 0);
});

Deno.test("a client that takes nothing is not waited for", PURE, async () => {
  const { clock, stream, server } = await streaming();
  stream.held = true;
  const closed = server.close();
  clock.advance(2_000);
  assert(stream.closed);
  await closed;
  assertEquals(clock.pending, 0);
});

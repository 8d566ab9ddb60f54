/**
 * A sequence server whose one client, socket and time are the test.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { Net } from "../../net/net.ts";
import type { StreamConnection, StreamSink } from "../../net/stream.ts";
import { type SequenceServerOptions, serveSequence } from "../../sequence/server.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** A connection whose bytes the system takes when the test says so. */
export class SlowStream implements StreamConnection {
  readonly remote = { hostname: "10.0.0.1", port: 5_001 };
  readonly local = { hostname: "10.0.0.2", port: 6_001 };
  readonly said: string[] = [];
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
    if (this.held) await new Promise<void>((resolve) => this.#release = resolve);
    this.said.push(new TextDecoder().decode(bytes).split(" ")[0]!);
  }

  /** The peer says something. */
  async say(lines: string): Promise<void> {
    void this.hear(new TextEncoder().encode(lines));
    await settled();
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
export async function streaming(options: SequenceServerOptions = {}) {
  const there = await connected(options);
  await there.stream.say("HELLO 1 01234567-89ab-4def-8123-456789abcdef 9\n");
  assertEquals(there.stream.said, ["WELCOME"]);
  return there;
}

/** A server with one client that has said nothing. */
export async function connected(options: SequenceServerOptions = {}) {
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
  const server = await serveSequence({ ...options, clock, net });
  return { clock, stream, server };
}

/** All that follows without time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

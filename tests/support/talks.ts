/**
 * A server and a client of every protocol, our commands, that do their work with each other.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Child } from "./process.ts";

/** Starts a command by the name of its file in `cli/`, always with `--json`. */
export type Start = (file: string, ...args: string[]) => Child;

/** A server on one runtime and a client on the other do their work. */
export type Talk = (serve: Start, ask: Start) => Promise<void>;

/** A talk of each protocol. */
export const TALKS: Readonly<Record<string, Talk>> = {
  async "UDP heartbeats"(serve, ask) {
    await using server = serve("udp_server", "--port", "0", "--auto-register", "300ms");
    const { port } = await server.event("listening");
    const args = ["--port", String(port), "--period", "50ms", "--count", "3"];
    await using client = ask("udp_client", ...args);
    assertEquals(await client.exitCode(), 0, client.err.join("\n"));
    const { local } = await client.event("started");
    await server.event("up", ({ client }) => client === local);
    await server.event("down", ({ client }) => client === local);
  },
  async "TCP heartbeats"(serve, ask) {
    await using server = serve("tcp_server", "--port", "0", "--ack");
    const { port } = await server.event("listening");
    const to = ["--host", "127.0.0.1", "--port", String(port)];
    await using client = ask("tcp_client", ...to, "--interval", "20", "--count", "3", "--ack");
    assertEquals(await client.exitCode(), 0, client.err.join("\n"));
    assertEquals((await client.event("done")).acked, 3);
    await server.event("disconnected");
  },
  async "handshakes"(serve, ask) {
    await using server = serve("handshake_server", "127.0.0.1", "0");
    const { port } = await server.event("listening");
    for (const transport of ["udp", "tcp"]) {
      const to = ["HELLO", "127.0.0.1", String(port), `id-${transport}`];
      await using client = ask("handshake_client", ...to, "--transport", transport);
      assertEquals(await client.exitCode(), 0, client.err.join("\n"));
      assertEquals((await client.event("established")).id, `id-${transport}`);
    }
  },
  async "keepalive connections"(serve, ask) {
    await using server = serve("keepalive_server", "127.0.0.1", "0");
    const { port } = await server.event("listening");
    await using client = ask("keepalive_client", "127.0.0.1", String(port), ...QUICK);
    const { local } = await client.event("connected");
    await client.event("reply", ({ id }) => id === 3);
    await server.event("data", ({ client, id }) => client === local && id === 3);
    client.signal("SIGTERM");
    assertEquals(await client.exitCode(), 0);
    await server.event("disconnected", ({ client }) => client === local);
  },
  async "a resumable sequence through the fault proxy"(serve, ask) {
    await using server = serve("seq_server", "0", "--interval", "10ms", "--store", "memory");
    const { port: behind } = await server.event("listening");
    await using proxy = ask("seq_proxy", "0", String(behind), "--no-keys", "--cut-lines", "40");
    const { port } = await proxy.event("listening");
    await using client = ask("seq_client", String(port), "60");
    assertEquals(await client.exitCode(), 0, client.err.join("\n"));
    const { length, connections } = await client.event("done");
    assertEquals(length, 60);
    assert(Number(connections) > 1, "the proxy cut it");
    await server.event("completed");
  },
};
const QUICK = ["--data-interval", "100ms", "--data-threshold", "2s"];

/**
 * The fault proxy between real processes.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { writeFile } from "node:fs/promises";
import { withFolder } from "../support/folder.ts";
import { type Child, command } from "../support/process.ts";

/** Starts a proxy before a port, by default at any free one. */
async function proxyTo(
  server: unknown,
  options: readonly string[] = [],
  at: unknown = 0,
): Promise<{ proxy: Child; port: string }> {
  const proxy = command("seq_proxy", String(at), String(server), "--json", ...options);
  const { port } = await proxy.event("listening");
  return { proxy, port: String(port) };
}

Deno.test("TCP heartbeats through the proxy: stopping it cuts, starting it again heals", async () => {
  await using server = command("tcp_server", "--port", "0", "--ack", "--json");
  const { port: behind } = await server.event("listening");
  const { proxy: first, port } = await proxyTo(behind);
  const args = ["--host", "127.0.0.1", "--port", port, "--interval", "50", "--ack", "--json"];
  await using client = command("tcp_client", ...args, "--log-level", "debug");
  await client.event("acked");
  first.signal("SIGINT");
  assertEquals(await first.exitCode(), 0);
  await client.event("disconnected");
  await client.event("connect-failed");
  const cut = client.out.length;
  const { proxy: second } = await proxyTo(behind, [], port);
  await client.event("acked", () => true, cut);
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
});

Deno.test("keys that come through a pipe: cut, heal, reset, quit", async () => {
  await using server = command("tcp_server", "--port", "0", "--json");
  const { port: behind } = await server.event("listening");
  const { proxy, port } = await proxyTo(behind);
  await using _proxy = proxy;
  const keys = await proxy.event("keys");
  assertEquals(typeof (keys.keys as Record<string, string>).r, "string");
  const args = ["--host", "127.0.0.1", "--port", port, "--interval", "50", "--json"];
  await using client = command("tcp_client", ...args);
  await proxy.event("connected");
  proxy.write("c\n");
  await proxy.event("cut");
  const lost = await client.event("disconnected");
  assertEquals(lost.reason, "reset");
  await client.event("connect-failed", ({ code }) => code === "connection-refused");
  proxy.write("h\n");
  await proxy.event("connected", ({ link }) => link !== "tcp-1");
  proxy.write("r");
  await proxy.event("injected");
  proxy.write("q");
  assertEquals(await proxy.exitCode(), 0);
  assertEquals(proxy.err, []);
});

Deno.test("UDP heartbeats through a proxy that loses half: the server knows, nobody is down", async () => {
  const watch = ["--port", "0", "--auto-register", "5s", "--json", "--log-level", "debug"];
  await using server = command("udp_server", ...watch);
  const { port: behind } = await server.event("listening");
  const { proxy, port } = await proxyTo(behind, ["--udp", "--loss", "0.5", "--seed", "7"]);
  await using _proxy = proxy;
  const args = ["--port", port, "--period", "100ms", "--count", "10"];
  await using client = command("udp_client", ...args);
  assertEquals(await client.exitCode(), 0);
  await server.event("beat");
  assertEquals(server.events("down"), []);
  proxy.signal("SIGTERM");
  assertEquals(await proxy.exitCode(), 0);
  const lost = proxy.events("fault").map(({ fault, at }) => `${fault} ${at}`);
  assert(lost.length > 20 && lost.length < 80, `${lost.length} of 100`);
  assertEquals(new Set(lost).size, lost.length);
});

Deno.test("a schedule from a file runs, and a wrong one is refused in one line", () =>
  withFolder(async (folder) => {
    const path = `${folder}/faults.yaml`;
    await writeFile(path, "seed: 7\nsteps:\n  - { at: 50ms, do: cut }\n");
    const { proxy } = await proxyTo(1, ["--schedule", path]);
    await using _proxy = proxy;
    await proxy.event("cut");
    const [seed] = proxy.events("seed");
    assertEquals(seed!.seed, 7);
    await writeFile(path, "steps:\n  - { at: 50ms, set: { latenci: 5ms } }\n");
    await using wrong = command("seq_proxy", "0", "1", "--schedule", path);
    assertEquals(await wrong.exitCode(), 2);
    assertEquals(wrong.err, [
      `ERROR Cannot use ${path}: steps[0].set.latenci: no such fault, did you mean latency`,
    ]);
  }));

Deno.test("a server that is away is said, and the proxy goes on", async () => {
  await using away = command("tcp_server", "--port", "0", "--json");
  const { port: behind } = await away.event("listening");
  away.signal("SIGTERM");
  await away.exitCode();
  await using proxy = command("seq_proxy", "0", String(behind), "--no-keys");
  const line = await proxy.line((said) => said.includes("Listening"));
  const port = /:(\d+) \(tcp\)/.exec(line)![1]!;
  const args = ["--host", "127.0.0.1", "--port", port, "--no-reconnect", "--interval", "50"];
  await using client = command("tcp_client", ...args);
  assertEquals(await client.exitCode(), 1);
  const said = await proxy.line((said) => said.startsWith("WARNING"));
  assertMatch(said, /^WARNING tcp-1: Cannot connect to 127\.0\.0\.1:\d+: Connection refused$/);
  await using again = command("tcp_client", ...args);
  assertEquals(await again.exitCode(), 1);
});

/**
 * Deno and Node talk to each other: every protocol, both ways, our commands from their sources on Deno
 * and from the npm package on Node.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quietly } from "../../scripts/_run.ts";
import { ROOT } from "../../scripts/_tree.ts";
import { withFolder } from "../support/folder.ts";
import { Child, command } from "../support/process.ts";

/** Starts a command by the name of its file in `cli/`, always with `--json`. */
type Start = (file: string, ...args: string[]) => Child;

/** A server on one runtime and a client on the other do their work. */
type Talk = (serve: Start, ask: Start) => Promise<void>;

const TALKS: Readonly<Record<string, Talk>> = {
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

function hasNode(): boolean {
  try {
    return new Deno.Command("node", { args: ["--version"] }).outputSync().success;
  } catch {
    return false;
  }
}

/** Installs the package into the folder as a user would. */
async function startersIn(folder: string): Promise<{ onNode: Start; onDeno: Start }> {
  const build = ["run", "-A", "--quiet", "scripts/build_npm.ts", folder];
  const tarball = await quietly(fileURLToPath(ROOT), Deno.execPath(), ...build);
  const flags = ["--silent", "--no-audit", "--no-fund", "--prefer-offline", "--prefix", folder];
  await quietly(folder, "npm", "install", ...flags, tarball.trim());
  const bin = join(folder, "node_modules/heartline/bin");
  return {
    onNode: (file, ...args) => new Child("node", [join(bin, `${file}.js`), "--json", ...args]),
    onDeno: (file, ...args) => command(file, "--json", ...args),
  };
}

// A machine with Deno alone has nobody to talk to.
Deno.test("Deno and Node talk to each other", { ignore: !hasNode() }, async (t) => {
  await withFolder(async (folder) => {
    const { onNode, onDeno } = await startersIn(folder);
    for (const [name, talk] of Object.entries(TALKS)) {
      await t.step(`${name}: server on Node, client on Deno`, () => talk(onNode, onDeno));
      await t.step(`${name}: server on Deno, client on Node`, () => talk(onDeno, onNode));
    }
  });
});

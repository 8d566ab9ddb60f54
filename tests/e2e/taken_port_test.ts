/**
 * Ports that another program has.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { openNet } from "../../net/open.ts";
import { command } from "../support/process.ts";

/** What each server is called with, PORT being taken, and the argument that it is to name. */
const SERVERS: [file: string, args: string, argument: string][] = [
  ["udp_server", "--port PORT", "--port"],
  ["udp_server", "--port 0 --metrics PORT", "--metrics"],
  ["udp_client", "--bind 127.0.0.1:PORT", "--bind"],
  ["tcp_server", "-p PORT", "--port"],
  ["handshake_server", "127.0.0.1 PORT", "SERVER_PORT"],
  ["keepalive_server", "127.0.0.1 PORT", "PORT"],
  ["seq_server", "PORT --store memory", "PORT"],
  ["seq_proxy", "PORT --no-keys", "PROXY_PORT"],
];

Deno.test("who meets a taken port is told which argument gives another one", async () => {
  const net = await openNet();
  const listener = await net.listenStream({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.address;
  const socket = await net.bindDatagram(listener.address);
  await Promise.all(SERVERS.map(async ([file, args, argument]) => {
    await using child = command(file, ...args.replace("PORT", String(port)).split(" "));
    assertEquals(await child.exitCode(), 1, file);
    assertEquals(child.err.length, 1, child.err.join("\n"));
    assertMatch(
      child.err[0]!,
      new RegExp(`127.0.0.1:${port}: Address already in use; .* give another ${argument}, `),
    );
  }));
  socket.close();
  listener.close();
});

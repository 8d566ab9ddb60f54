/**
 * Peers in the style of the seeds over bare sockets: no line feeds, messages lumped together or cut
 * anywhere, the bytes of their own programs and nothing of this library. The same with real Python is in the
 * tests of each command; these need nothing but the runtime.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type Child, command } from "../support/process.ts";

const HOST = "127.0.0.1";

/** Starts a server command with `--json` and returns the port that it listens on. */
async function portOf(server: Child): Promise<number> {
  return Number((await server.event("listening")).port);
}

/** Opens a connection; `heard` grows with what arrives. */
async function open(port: number): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(port, HOST).setNoDelay(true);
  let text = "";
  socket.on("data", (bytes) => text += bytes.toString("latin1"));
  await once(socket, "connect");
  return { socket, heard: () => text };
}

/** Waits for bytes until what was heard has this form. */
async function until(peer: { socket: Socket; heard: () => string }, form: RegExp): Promise<void> {
  while (!form.test(peer.heard())) await once(peer.socket, "data");
}

Deno.test("ten datagrams in a row, without a line feed, are one sign of life", async () => {
  await using server = command("udp_server", "--port", "0", "--auto-register", "400ms", "--json");
  const port = await portOf(server);
  const socket = createSocket("udp4");
  for (let n = 1; n <= 10; n++) socket.send(`heartbeat ${n} 1752356183.5769`, port, HOST);
  const { client } = await server.event("up");
  assertEquals((await server.event("down")).client, client);
  socket.close();
});

Deno.test("ten datagrams in a row reach a peer that only prints them", async () => {
  const socket = createSocket("udp4");
  const heard: string[] = [];
  socket.on("message", (bytes) => heard.push(bytes.toString("latin1")));
  socket.bind(0, HOST);
  await once(socket, "listening");
  const port = String(socket.address().port);
  await using client = command("udp_client", "--port", port, "--period", "50ms", "--count", "1");
  assertEquals(await client.exitCode(), 0);
  while (heard.length < 10) await once(socket, "message");
  socket.close();
  heard.forEach((line, at) =>
    assertMatch(line, new RegExp(`^heartbeat ${at + 1} \\d{10}\\.\\d+$`))
  );
});

Deno.test("TCP heartbeats without a line feed are found, however they are cut and lumped", async () => {
  await using server = command("tcp_server", "-p", "0", "--ack", "--json");
  const peer = await open(await portOf(server));
  const message = (n: number) => `Sequence #${n}: Sending heartbeat at 1752356183.5769. `;
  const bytes = Buffer.from([1, 2, 5].map(message).join(""));
  peer.socket.write(bytes.subarray(0, 7));
  peer.socket.write(bytes.subarray(7));
  await until(peer, /Ack #1 at \d+\.\d{4}\. Ack #2 at \d+\.\d{4}\. Ack #5 at \d+\.\d{4}\. $/);
  const { from, to } = await server.event("missed");
  assertEquals([from, to], [3, 4]);
  peer.socket.destroy();
});

Deno.test("TCP heartbeats reach a server that reads what it gets and answers nothing", async () => {
  let text = "";
  const server = createServer((socket) =>
    socket.on("data", (bytes) => text += bytes).on("error", () => {})
  );
  server.listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const to = ["--host", HOST, "-p", String(port)];
  await using client = command("tcp_client", ...to, "-i", "20", "--count", "3");
  assertEquals(await client.exitCode(), 0);
  server.close();
  await once(server, "close");
  assertMatch(text, /^(?:Sequence #[123]: Sending heartbeat at \d{10}\.\d{4}\. ){3}$/);
});

Deno.test("HELLO without a line feed is answered over TCP, without one", async () => {
  await using server = command("handshake_server", HOST, "0", "--json");
  const port = await portOf(server);
  const [one, other] = [await open(port), await open(port)];
  one.socket.write("HELLO 9876");
  await until(one, /^OK 9876 127\.0\.0\.1 \d+$/);
  other.socket.write("HELLO 9876");
  await until(other, /^RESET 9876$/);
  // Who ends its half first is answered, too.
  const last = await open(port);
  last.socket.end("HELLO 9877");
  await until(last, /^OK 9877 /);
  for (const { socket } of [one, other, last]) socket.destroy();
});

Deno.test("a keepalive peer that answers by hand is alive, and told why when it is not", async () => {
  const short = ["--data-threshold", "200ms", "--heart-beat-threshold", "100ms"];
  const more = ["--heart-beat-interval", "100ms", "--heart-beat-additional-tries", "1"];
  await using server = command("keepalive_server", HOST, "0", ...short, ...more, "--json");
  const peer = await open(await portOf(server));
  peer.socket.write("DATA 1 hel");
  peer.socket.write("lo\n");
  await until(peer, /^REPLY 1 hello\n/);
  await until(peer, /HEARTBEAT 1\n/);
  peer.socket.write("HEARTBEAT-ACK 1\n");
  await until(peer, /TERMINATE silent\n$/);
  assertEquals((await server.event("disconnected")).reason, "silent");
  peer.socket.destroy();
});

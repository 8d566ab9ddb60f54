/**
 * TCP heartbeats between real processes: our commands with each other and with plain Python sockets
 * that do what the programs of seed 001 do.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Child, command, python } from "../support/process.ts";
import { pythonTest } from "../support/python.ts";

/** Sends heartbeats as the seed's client does; the numbers and the cuts come as arguments. */
const SEED_CLIENT = `
import socket, sys, time
port, numbers = int(sys.argv[1]), [int(n) for n in sys.argv[2].split(",")]
sock = socket.create_connection(("127.0.0.1", port))
for n in numbers:
    sock.sendall(f"Sequence #{n}: Sending heartbeat at {time.time():.4f}. ".encode())
    time.sleep(0.02)
print("sent")
sys.stdin.readline()
`;

/** Accepts one client after the other and prints what it reads. */
const SEED_SERVER = `
import socket
sock = socket.socket()
sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
sock.bind(("127.0.0.1", 0))
sock.listen()
print(sock.getsockname()[1])
while True:
    peer, _ = sock.accept()
    while data := peer.recv(1024):
        print(data.decode())
    print("end")
`;

/** Sends bytes as they are given, each argument in a segment of its own. */
const RAW_CLIENT = `
import socket, sys, time
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for piece in sys.argv[2:]:
    sock.sendall(piece.encode())
    time.sleep(0.03)
print("closed" if sock.recv(1) == b"" else "answered")
`;

async function portOf(server: Child): Promise<string> {
  const line = await server.line((said) => said.includes("Awaiting connection"));
  return /on port (\d+)\.\.\.$/.exec(line)![1]!;
}

pythonTest("the seed's Python client is logged in the seed's sentences", async () => {
  await using server = command("tcp_server", "--port", "0", "--debug");
  const port = await portOf(server);
  await using client = python(SEED_CLIENT, port, "1,2,3,6,7,9");
  await client.line((line) => line === "sent");
  await server.line((line) => line.includes("Sequence #9"));
  client.write("\n");
  await server.line((line) => line.includes("No data received."));
  const said = server.out.map((line) => line.replaceAll(/\d{10}\.\d{4}/g, "T"));
  assertMatch(said[1]!, /^INFO Accepted connection from \('127\.0\.0\.1', \d+\)$/);
  assertMatch(said[2]!, /^INFO Received data at T: 'Sequence #1: Sending heartbeat at T\. '/);
  assertMatch(said[3]!, /^DEBUG Message took \d+\.\d{4}ms to be received\./);
  const warnings = said.filter((line) => line.startsWith("WARNING"));
  assertEquals(warnings.map((line) => line.replace(/ \(127\.0\.0\.1.*/, "")), [
    "WARNING Missed heartbeat(s) with sequence number (4, 5)",
    "WARNING Missed heartbeat(s) with sequence number (8,)",
    "WARNING No data received. Connection likely closed by client.",
  ]);
});

pythonTest(
  "two Python clients at once are both heard, which the seed's server could not",
  async () => {
    await using server = command("tcp_server", "--port", "0", "--json");
    const { port } = await server.event("listening");
    await using one = python(SEED_CLIENT, String(port), "1,2,3");
    await using two = python(SEED_CLIENT, String(port), "1,2,3");
    await Promise.all([one, two].map((client) => client.line((line) => line === "sent")));
    const clients = await Promise.all([1, 2, 3].map(async (sequence) => {
      const first = await server.event("beat", (line) => line.sequence === sequence);
      const other = await server.event(
        "beat",
        (line) => line.sequence === sequence && line.client !== first.client,
      );
      return [first.client, other.client].sort().join();
    }));
    assertEquals(new Set(clients).size, 1);
  },
);

pythonTest("our client is understood by the seed's Python server", async () => {
  await using server = python(SEED_SERVER);
  const port = await server.line(() => true);
  await using client = command(
    "tcp_client",
    "-ho",
    "127.0.0.1",
    "-p",
    port,
    "-i",
    "50",
    "--count",
    "3",
  );
  assertEquals(await client.exitCode(), 0);
  await server.line((line) => line === "end");
  const text = server.out.slice(1, -1).join("");
  const numbers = Array.from(
    text.matchAll(/Sequence #(\d+): Sending heartbeat at \d{10}\.\d{4}\. /g),
    (match) => match[1],
  );
  assertEquals(numbers, ["1", "2", "3"]);
  assertEquals(client.out[0], `INFO Successfully connected to 127.0.0.1:${port}`);
  assertMatch(client.out[1]!, /^INFO Sequence #1: Sending heartbeat at \d{10}\.\d{4}\.$/);
});

pythonTest("a heartbeat cut into pieces is one, three in one segment are three", async () => {
  await using server = command("tcp_server", "--port", "0", "--json");
  const { port } = await server.event("listening");
  const message = (n: number): string => `Sequence #${n}: Sending heartbeat at 1752356183.5769. `;
  const [head, tail] = [message(1).slice(0, 20), message(1).slice(20)];
  const lump = message(2) + message(3) + message(4);
  await using client = python(RAW_CLIENT, String(port), head, tail, lump, "rubbish. ");
  assertEquals(await client.line(() => true), "closed");
  const rejected = await server.event("rejected");
  assertEquals(rejected.reason, "malformed");
  assertEquals(server.events("beat").map(({ sequence }) => sequence), [1, 2, 3, 4]);
});

Deno.test("a client outlives its server and knows what was not confirmed", async () => {
  await using first = command("tcp_server", "--port", "0", "--ack", "--json");
  const { port } = await first.event("listening");
  const args = ["--host", "127.0.0.1", "--port", String(port), "--interval", "50", "--ack"];
  await using client = command("tcp_client", ...args, "--json", "--log-level", "debug");
  await client.event("acked");
  first.signal("SIGKILL");
  await client.event("disconnected");
  await client.event("connect-failed");
  const reached = client.out.length;
  await using second = command("tcp_server", "--port", String(port), "--ack", "--json");
  await second.event("listening");
  await client.event("connected", () => true, reached);
  await client.event("acked", () => true, reached);
  client.signal("SIGTERM");
  assertEquals(await client.exitCode(), 0);
  second.signal("SIGINT");
  assertEquals(await second.exitCode(), 0);
  assertEquals(second.events("missed"), []);
});

Deno.test("a frozen client is reported silent and heard again when it goes on", async () => {
  await using server = command("tcp_server", "--port", "0", "--timeout", "600ms", "--json");
  const { port } = await server.event("listening");
  const args = ["--host", "127.0.0.1", "--port", String(port), "--interval", "100"];
  await using client = command("tcp_client", ...args, "--json");
  const { local } = await client.event("connected");
  await server.event("beat");
  client.signal("SIGSTOP");
  const silent = await server.event("down");
  assertEquals(silent.client, local);
  client.signal("SIGCONT");
  const recovered = await server.event("recovered");
  assert(Number(recovered.silentFor) >= 600);
});

Deno.test("without a server the client says so in the seed's sentence", async () => {
  await using free = command("tcp_server", "--port", "0", "--json");
  const { port } = await free.event("listening");
  free.signal("SIGTERM");
  await free.exitCode();
  const said = `Failed to connect to server. Please make sure server is running on port ${port}.`;
  const args = ["--host", "127.0.0.1", "--port", String(port)];
  await using once = command("tcp_client", ...args, "--no-reconnect");
  assertEquals(await once.exitCode(), 1);
  assertEquals(once.err, [`ERROR ${said}`]);
  await using forever = command("tcp_client", ...args);
  await forever.line((line) => line.startsWith(`WARNING ${said} Trying again in `));
  forever.signal("SIGINT");
  assertEquals(await forever.exitCode(), 0);
});

Deno.test("without reconnection a lost server ends the client with 1", async () => {
  await using server = command("tcp_server", "--port", "0", "--json");
  const { port } = await server.event("listening");
  const args = ["--host", "127.0.0.1", "--port", String(port), "--interval", "50"];
  await using client = command("tcp_client", ...args, "--no-reconnect");
  await server.event("beat");
  server.signal("SIGKILL");
  assertEquals(await client.exitCode(), 1);
  const lost = "Failed to send heartbeat to server. Server may have abruptly closed.";
  assert([...client.out, ...client.err].some((line) => line.includes(lost)));
});

Deno.test("a taken port is said in the system's words", async () => {
  await using first = command("tcp_server", "--port", "0", "--json");
  const { port } = await first.event("listening");
  await using second = command("tcp_server", "--port", String(port));
  assertEquals(await second.exitCode(), 1);
  assertEquals(second.err.length, 1);
  assertStringIncludes(second.err[0]!, "Address already in use");
});

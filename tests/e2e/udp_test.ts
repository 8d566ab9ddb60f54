/**
 * UDP heartbeats between real processes: our commands with each other and with plain Python sockets
 * that do what the programs of seed 000 do.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { readFile } from "node:fs/promises";
import { withFolder } from "../support/folder.ts";
import { command, python } from "../support/process.ts";
import { pythonTest } from "../support/python.ts";

/** Ten datagrams back to back, as the seed's client sends them, from a given port. */
const SEED_CLIENT = `
import socket, sys, time
server, port, bursts = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", port))
print(sock.getsockname()[1])
for burst in range(bursts):
    for sequence in range(1, 11):
        sock.sendto(f"heartbeat {sequence} {time.time()}".encode(), ("127.0.0.1", server))
    time.sleep(0.3)
`;

/** Receives datagrams and prints them. */
const SEED_SERVER = `
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
print(sock.getsockname()[1])
while True:
    print(sock.recvfrom(1024)[0].decode())
`;

Deno.test("a client that is killed is alarmed once, and its successor on the port recovers", async () => {
  await using server = command("udp_server", "--port", "0", "--auto-register", "1s", "--json");
  const { port } = await server.event("listening");
  const args = ["--port", String(port), "--period", "200ms", "--json"];
  await using client = command("udp_client", ...args);
  const { local } = await client.event("started");
  await server.event("up", (line) => line.client === local);
  client.signal("SIGKILL");
  const alarm = await server.event("down");
  assertEquals([alarm.client, alarm.timeout], [local, 1_000]);
  assert(Number(alarm.silentFor) >= 1_000);
  await using successor = command("udp_client", ...args, "--bind", String(local));
  const recovered = await server.event("recovered");
  assertEquals(recovered.client, local);
  assert(Number(recovered.downFor) > 0);
  server.signal("SIGTERM");
  assertEquals(await server.exitCode(), 0);
  successor.signal("SIGINT");
  assertEquals(await successor.exitCode(), 0);
  assertEquals(server.events("down").length, 1);
  assertEquals(server.err, []);
});

pythonTest("the seed's Python client is understood by our server", async () => {
  await using server = command("udp_server", "--port", "0", "--auto-register", "600ms");
  const where = await server.line((line) => line.includes("Listening"));
  await using client = python(SEED_CLIENT, where.split(":").at(-1)!, "0", "2");
  const port = await client.line(() => true);
  await server.line((line) => line === `INFO 127.0.0.1:${port} is up`);
  const alarm = await server.line((line) => line.startsWith("WARNING"));
  assertMatch(alarm, /^WARNING 127\.0\.0\.1:\d+ is DOWN: silent for \S+ m?s, limit 600 ms$/);
});

pythonTest("our client is understood by the seed's Python server", async () => {
  await using server = python(SEED_SERVER);
  const port = await server.line(() => true);
  await using client = command("udp_client", "--port", port, "--period", "100ms", "--count", "1");
  assertEquals(await client.exitCode(), 0);
  await server.line((line) => line.startsWith("heartbeat 10 "));
  const numbers = server.out.slice(1).map((line) => line.split(" ")[1]);
  assertEquals(numbers, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
  for (const line of server.out.slice(1)) assertMatch(line, /^heartbeat \d+ \d{10}\.\d+$/);
});

Deno.test("a restarted server neither repeats an alarm nor starts the timeout over", () =>
  withFolder(async (folder) => {
    const state = `${folder}/state.json`;
    const args = ["--port", "0", "--client", "127.0.0.1:1=300ms", "--client", "127.0.0.1:2=1d"];
    await using first = command("udp_server", ...args, "--state", state, "--json");
    await first.event("down", (line) => line.client === "127.0.0.1:1");
    first.signal("SIGTERM");
    assertEquals(await first.exitCode(), 0);
    await using second = command("udp_server", "--port", "0", "--state", state, "--json");
    await second.event("registered", (line) => line.client === "127.0.0.1:2");
    second.signal("SIGTERM");
    assertEquals(await second.exitCode(), 0);
    assertEquals(second.events("down"), []);
    const { clients } = JSON.parse(await readFile(state, "utf8"));
    assertEquals(clients.map((client: { state: string }) => client.state), ["down", "waiting"]);
    assert(clients[1].silentFor > 300);
  }));

const FAILURES: [name: string, file: string, args: string[], code: number, said: string][] = [
  ["client by name", "udp_server", ["--client", "localhost:1=5s"], 2, "wanted IP:PORT=TIMEOUT"],
  [
    "unknown option",
    "udp_server",
    ["--prot", "1"],
    2,
    "Cannot use --prot: no such option, did you",
  ],
  ["wrong port", "udp_client", ["--port", "x"], 2, "wanted a whole number in 0..65535"],
  ["wrong client", "udp_server", ["--client", "a=b"], 2, "wanted IP:PORT=TIMEOUT"],
  [
    "name that is none",
    "udp_client",
    ["--host", "no.such.name.invalid"],
    1,
    "Name or service not kn",
  ],
  ["foreign address", "udp_server", ["--host", "192.0.2.1"], 1, "Cannot assign requested address"],
  ["state that is no file", "udp_server", ["--state", "/dev/null/x"], 1, "Cannot read /dev/null/x"],
];

for (const [name, file, args, code, said] of FAILURES) {
  Deno.test(`${name}: ${file} says one clear line and exits ${code}`, async () => {
    await using child = command(file, ...args);
    assertEquals(await child.exitCode(), code);
    assertEquals(child.err.length, 1);
    assertStringIncludes(child.err[0]!, said);
  });
}

Deno.test("a server that watches nobody says so, and what to type", async () => {
  await using nobody = command("udp_server", "--port", "0");
  await nobody.line((line) => line.includes("Watching nobody: give --auto-register 30s"));
  await using somebody = command("udp_server", "--port", "0", "--auto-register", "1s", "--json");
  await somebody.event("listening");
  somebody.signal("SIGTERM");
  assertEquals([await somebody.exitCode(), somebody.events("watching-nobody")], [0, []]);
});

Deno.test("a taken port is said in the system's words", async () => {
  await using first = command("udp_server", "--port", "0", "--json");
  const { port } = await first.event("listening");
  await using second = command("udp_server", "--port", String(port), "--json");
  assertEquals(await second.exitCode(), 1);
  const failed = await second.event("failed");
  assertEquals(failed.code, "address-in-use");
  assertStringIncludes(String(failed.message), "Address already in use");
});

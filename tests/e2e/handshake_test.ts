/**
 * Handshakes between real processes: our commands with each other and with plain Python sockets that do
 * what the programs of seed 003 do.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { launch } from "../../cli/command/launch.ts";
import { main as clientMain } from "../../cli/handshake_client.ts";
import { main as serverMain } from "../../cli/handshake_server.ts";
import { saidBy } from "../support/commands.ts";
import { type Child, command, python } from "../support/process.ts";
import { pythonTest } from "../support/python.ts";

/** Asks as the seed's client does, without a line feed, and prints its own port and each reply. */
const SEED_CLIENT = `
import socket, sys
transport, port, ids = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
for id in ids:
    kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
    sock = socket.socket(socket.AF_INET, kind)
    sock.settimeout(15)
    sock.connect(("127.0.0.1", port))
    sock.send(f"HELLO {id}".encode())
    reply = sock.recv(1024).decode()
    print(sock.getsockname()[1], reply)
    sock.close()
`;

/** Serves as the seed's server does: one peer after the other, no line feed. */
const SEED_SERVER = `
import socket, sys
transport = sys.argv[1]
kind = socket.SOCK_STREAM if transport == "tcp" else socket.SOCK_DGRAM
sock = socket.socket(socket.AF_INET, kind)
sock.bind(("127.0.0.1", 0))
print(sock.getsockname()[1])
used = set()
def answer(data, address):
    word, id = data.decode().split(" ")
    print(repr(data))
    if id in used:
        return f"RESET {id}".encode()
    used.add(id)
    return f"OK {id} {address[0]} {address[1]}".encode()
if transport == "tcp":
    sock.listen()
while True:
    if transport == "tcp":
        peer, address = sock.accept()
        peer.sendall(answer(peer.recv(1024), address))
        peer.close()
    else:
        data, address = sock.recvfrom(1024)
        sock.sendto(answer(data, address), address)
`;

/** Runs a command on a terminal of its own: prints what it writes, and types a line at each prompt. */
const TERMINAL = `
import os, pty, sys
typed, args = sys.argv[1].split(","), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execvp(args[0], args)
said = ""
while True:
    try:
        data = os.read(fd, 1024).decode()
    except OSError:
        break
    if not data:
        break
    said += data
    while "New connection id: " in said:
        said = said.replace("New connection id: ", "[asked] ", 1)
        line = typed.pop(0)
        os.write(fd, b"\\x03" if line == "^C" else line.encode() + b"\\n")
print(said.replace("\\r", ""))
print("exit", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

const TIME = "\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{6}";
const ESTABLISHED = (id: string) =>
  new RegExp(`^INFO Connection established ${id} 127\\.0\\.0\\.1 \\d+ on ${TIME}$`);
const ERROR = (id: string) => new RegExp(`^WARNING Connection Error ${id} on ${TIME}$`);
const FAILURE = new RegExp(`^(?:\\S+Z )?WARNING Connection Failure on ${TIME}$`);

async function serve(...args: string[]): Promise<{ server: Child; port: string }> {
  const server = command("handshake_server", "127.0.0.1", "0", "--json", ...args);
  const { port } = await server.event("listening");
  return { server, port: String(port) };
}

const client = (port: string, id: string, ...args: string[]) =>
  command("handshake_client", "HELLO", "127.0.0.1", port, id, ...args);

for (const transport of ["udp", "tcp"]) {
  pythonTest(`the seed's Python client over ${transport} works with our server`, async () => {
    const { server, port } = await serve();
    await using _server = server;
    await using asking = python(SEED_CLIENT, transport, port, "9876", "9876", "9877");
    assertEquals(await asking.exitCode(), 0);
    const [one, two, three] = asking.out.map((line) => line.split(" "));
    assertEquals(one!.slice(1), ["OK", "9876", "127.0.0.1", one![0]]);
    assertEquals(two!.slice(1), ["RESET", "9876"]);
    assertEquals(three!.slice(1), ["OK", "9877", "127.0.0.1", three![0]]);
  });

  pythonTest(`our client works with the seed's Python server over ${transport}`, async () => {
    await using server = python(SEED_SERVER, transport);
    const port = await server.line(() => true);
    await using first = client(port, "9876", "--transport", transport);
    assertEquals(await first.exitCode(), 0);
    assertMatch(first.out[0]!, ESTABLISHED("9876"));
    assertEquals(server.out[1], "b'HELLO 9876'");
    await using second = client(port, "9876", "--transport", transport, "--next-id", "9877");
    assertEquals(await second.exitCode(), 0);
    assertMatch(second.out[0]!, ERROR("9876"));
    assertMatch(second.out[1]!, ESTABLISHED("9877"));
  });
}

Deno.test("both transports are served on one port, and say so", async () => {
  const { server, port } = await serve();
  await using _server = server;
  const tcp = await server.event("listening", ({ transport }) => transport === "tcp");
  assertEquals(String(tcp.port), port);
  await using one = client(port, "1", "--transport", "tcp", "--json");
  assertEquals(await one.exitCode(), 0);
  const { hostname, id, timestamp } = await one.event("established");
  assertEquals([hostname, id], ["127.0.0.1", "1"]);
  assertMatch(String(timestamp), new RegExp(`^${TIME}$`));
  await using other = client(port, "1", "--tries", "1");
  assertEquals(await other.exitCode(), 1);
  server.signal("SIGTERM");
  assertEquals(await server.exitCode(), 0);
});

pythonTest("without a HELLO the server ends by itself with 0, rubbish or not", async () => {
  const started = performance.now();
  const { server, port } = await serve("--idle-exit", "700ms");
  await using _server = server;
  await using _rubbish = python(
    `
import socket, sys, time
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    sock.sendto(b"x", ("127.0.0.1", int(sys.argv[1])))
    time.sleep(0.05)
`,
    port,
  );
  assertEquals(await server.exitCode(), 0);
  assert(performance.now() - started < 5_000);
  const idle = await server.event("idle");
  assert(Number(idle.idleFor) >= 700 && Number(idle.idleFor) < 1_500, String(idle.idleFor));
});

Deno.test("a lease ends after --lease, and its id is free", async () => {
  // Long enough for two processes to start on a busy machine.
  const { server, port } = await serve("--lease", "3s", "--log-level", "debug");
  await using _server = server;
  await using first = client(port, "9876");
  assertEquals(await first.exitCode(), 0);
  await using second = client(port, "9876", "--tries", "1");
  assertEquals(await second.exitCode(), 1);
  await server.event("expired");
  await using third = client(port, "9876", "--tries", "1");
  assertEquals(await third.exitCode(), 0);
});

Deno.test("three errors, then a failure, all on standard output; ids come from standard input", async () => {
  const { server, port } = await serve("--max-leases", "1");
  await using _server = server;
  await using _first = client(port, "1");
  await _first.exitCode();
  await using asking = client(port, "1", "--next-id", "2");
  asking.write("not an id\n\n3\n4\n");
  assertEquals(await asking.exitCode(), 1);
  const [one, two, wrong, three, failure, ...rest] = asking.out;
  assertMatch(one!, ERROR("1"));
  assertMatch(two!, ERROR("2"));
  assertStringIncludes(wrong!, "Cannot use id: wanted 1 to 64 printable ASCII");
  assertMatch(three!, ERROR("3"));
  assertMatch(failure!, FAILURE);
  assertEquals([rest, asking.err], [[], []]);
});

pythonTest(
  "no further id is a failure and no hang: input at its end, and input that is silent",
  async () => {
    const { server, port } = await serve();
    await using _server = server;
    await using first = client(port, "1");
    assertEquals(await first.exitCode(), 0, "with its input still open");
    const start = launch("handshake_client", ["--allow-net"]);
    const run = [...start, "HELLO", "127.0.0.1", port, "1"].map((word) => `'${word}'`).join(" ");
    for (const input of ["</dev/null", "<&-"]) {
      const started = performance.now();
      await using shell = python(
        "import subprocess,sys;sys.exit(subprocess.call(sys.argv[1],shell=True))",
        `${run} ${input}`,
      );
      assertEquals(await shell.exitCode(), 1, input);
      assertMatch(shell.out[1]!, FAILURE, input);
      assert(performance.now() - started < 5_000, input);
    }
    await using silent = client(port, "1", "--timeout", "300ms");
    assertEquals(await silent.exitCode(), 1);
    assertMatch(silent.out[1]!, FAILURE);
  },
);

Deno.test("a signal while it waits for an id ends it cleanly", async () => {
  const { server, port } = await serve();
  await using _server = server;
  await using first = client(port, "1");
  await first.exitCode();
  await using asking = client(port, "1");
  await asking.line((line) => ERROR("1").test(line));
  asking.signal("SIGINT");
  assertEquals(await asking.exitCode(), 1);
  assertEquals([asking.out.length, asking.err], [1, []]);
});

pythonTest("on a terminal it asks, and Ctrl-C at the question ends it", async () => {
  const { server, port } = await serve();
  await using _server = server;
  await using first = client(port, "1");
  await first.exitCode();
  const args = [...launch("handshake_client", ["--allow-net"]), "HELLO", "127.0.0.1", port];
  await using person = python(TERMINAL, "a b,2", ...args, "1");
  assertEquals(await person.exitCode(), 0);
  const said = person.out.join("\n");
  assertEquals(said.split("[asked]").length, 3, said);
  const [before] = said.split("[asked]");
  assertMatch(before!, /^WARNING Connection Error 1 on .*\nTry 1 failed: the id is in use\n/);
  assertStringIncludes(said, "INFO Connection established 2 127.0.0.1");
  assertStringIncludes(said, "exit 0");
  await using leaving = python(TERMINAL, "^C", ...args, "1");
  await leaving.line((line) => line === "exit 1");
});

Deno.test("nobody listens: refused over TCP at once, over UDP only after the timeout", async () => {
  const { server, port } = await serve();
  server.signal("SIGKILL");
  await server.exitCode();
  await using tcp = client(port, "1", "--transport", "tcp", "--tries", "1");
  assertEquals(await tcp.exitCode(), 1);
  assertMatch(tcp.out[0]!, ERROR("1"));
  await using udp = client(port, "1", "--tries", "1", "--timeout", "700ms", "--json");
  assertEquals(await udp.exitCode(), 1);
  const { reason, time } = await udp.event("error");
  const trying = await udp.event("established").catch(() => undefined);
  assertEquals([reason, trying], ["timed-out", undefined]);
  assert(!Number.isNaN(Date.parse(time)));
});

// Field note: a retransmit after a lost OK gets RESET, burning the id for 30 s.
pythonTest("a server that answers only the third HELLO of a socket costs no try", async () => {
  await using server = python(`
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
print(sock.getsockname()[1])
for _ in range(3):
    data, address = sock.recvfrom(1024)
    print(address[1])
sock.sendto(f"OK 9876 {address[0]} {address[1]}".encode(), address)
`);
  const port = await server.line(() => true);
  await using asking = client(port, "9876", "--tries", "1", "--timeout", "5s");
  assertEquals(await asking.exitCode(), 0);
  assertEquals(new Set(server.out.slice(1)).size, 1);
});

const FAILURES: [name: string, args: string[], said: string][] = [
  ["no HELLO", ["HULLO", "127.0.0.1", "1", "1"], "wanted the word HELLO"],
  ["no id", ["HELLO", "127.0.0.1", "1"], "wanted CONNECTION_ID"],
  ["an id with a space", ["HELLO", "127.0.0.1", "1", "a b"], "printable ASCII"],
  ["a wrong port", ["HELLO", "127.0.0.1", "0", "1"], "wanted a whole number in 1..65535"],
  ["a wrong transport", ["HELLO", "::1", "1", "1", "--transport", "x"], "wanted one of udp, tcp"],
];

for (const [name, args, said] of FAILURES) {
  Deno.test(`${name}: handshake_client says one clear line and exits 2`, async () => {
    const { code, err } = await saidBy(clientMain, args);
    assertEquals([code, err.length], [2, 1]);
    assertStringIncludes(err[0]!, said);
  });
}

Deno.test("a taken port and a wrong argument end the server with 1 and 2", async () => {
  const { server, port } = await serve();
  await using _server = server;
  await using second = command("handshake_server", "127.0.0.1", port);
  assertEquals(await second.exitCode(), 1);
  assertStringIncludes(second.err[0]!, "Address already in use");
  const wrong = await saidBy(serverMain, ["127.0.0.1"]);
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.err[0]!, "wanted SERVER_PORT");
});

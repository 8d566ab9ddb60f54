/**
 * Keepalive connections between real processes: our commands with each other and with plain Python
 * sockets that speak the lines of docs/PROTOCOLS.md.
 *
 * @module
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { main as clientMain } from "../../cli/keepalive_client.ts";
import { main as serverMain } from "../../cli/keepalive_server.ts";
import { saidBy } from "../support/commands.ts";
import { type Child, command, type JsonLine, python } from "../support/process.ts";
import { pythonTest } from "../support/python.ts";

/** Sends two messages, answers every probe and prints what it reads; then closes as it is told. */
const PYTHON_CLIENT = `
import socket, sys
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
lines = sock.makefile("rw", newline="\\n")
def say(line):
    lines.write(line + "\\n")
    lines.flush()
say("DATA 1 hello")
print(lines.readline().rstrip())
say("DATA 2 two words")
print(lines.readline().rstrip())
for line in lines:
    print(line.rstrip())
    word, number = line.split()
    if word == "HEARTBEAT":
        say("HEARTBEAT-ACK " + number)
    if number == "3":
        break
say("TERMINATE enough")
`;

/** Accepts one client, answers its data in capitals and its probes, and ends as it is told. */
const PYTHON_SERVER = `
import socket, struct, sys
listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1])
sock, _ = listener.accept()
lines = sock.makefile("rw", newline="\\n")
for line in lines:
    word, number, *rest = line.rstrip("\\n").split(" ", 2)
    print(line.rstrip())
    if word == "DATA":
        lines.write(f"REPLY {number} {rest[0].upper()}\\n")
    if word == "HEARTBEAT":
        lines.write(f"HEARTBEAT-ACK {number}\\n")
    lines.flush()
    if number == "3":
        break
how = sys.argv[1]
if how == "reset":
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
if how == "rubbish":
    sock.sendall(b"HTTP/1.1 400 Bad Request\\r\\n")
if how == "hang":
    sys.stdin.readline()
lines.close()
sock.close()
`;

/** Connects and sends bytes, then resets or waits for the end. */
const RAW_CLIENT = `
import socket, struct, sys
sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
sock.sendall(sys.argv[2].encode())
if sys.argv[3] == "reset":
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.recv(1)
    sock.close()
else:
    while data := sock.recv(4096):
        print(data.decode(), end="")
`;

/** Silence is found after 0.4 + 4 x 0.2 s = 1.2 s, and no stall below 0.8 s is taken for death. */
const FIGURES = [
  ...["--heart-beat-interval", "200ms", "--heart-beat-threshold", "200ms"],
  ...["--heart-beat-additional-tries", "3", "--data-threshold", "400ms"],
  ...["--data-interval", "100ms"],
];
const DETECTION = 1_200;

async function server(...args: string[]): Promise<{ child: Child; port: string }> {
  const child = command("keepalive_server", "127.0.0.1", "0", "--json", ...FIGURES, ...args);
  const { port } = await child.event("listening");
  return { child, port: String(port) };
}

function client(port: string, ...args: string[]): Child {
  return command("keepalive_client", "127.0.0.1", port, "--json", ...FIGURES, ...args);
}

/** The end of a connection was found in time: not early, and 100 ms late at most. */
function assertOnTime(end: JsonLine, watcher: Child): void {
  const lag = watcher.events("stalled").reduce((sum, { by }) => sum + Number(by), 0);
  const late = Number(end.silentFor) - DETECTION;
  assert(late >= 0 && late <= 100 + lag, `${late} ms late, of which ${lag} ms are its own`);
}

Deno.test("client and server talk until the user stops the client, and then the server", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using talking = client(port, "--payload", "still here");
  const reply = await talking.event("reply", ({ id }) => id === 3);
  assertEquals(reply.payload, "still here");
  assert(Number(reply.rtt) > 0);
  talking.signal("SIGINT");
  assertEquals(await talking.exitCode(), 0);
  const end = await serving.event("disconnected");
  assertEquals([end.reason, end.said, end.level], ["terminated", "closed", "info"]);
  serving.signal("SIGTERM");
  assertEquals(await serving.exitCode(), 0);
});

Deno.test("a stopped server tells its clients, who exit 1", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using talking = client(port);
  await talking.event("reply");
  serving.signal("SIGTERM");
  assertEquals([await serving.exitCode(), await talking.exitCode()], [0, 1]);
  const end = await talking.event("disconnected");
  assertEquals([end.reason, end.said], ["terminated", "closed"]);
});

Deno.test("a killed server is noticed at once", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using talking = client(port);
  await talking.event("reply");
  serving.signal("SIGKILL");
  assertEquals(await talking.exitCode(), 1);
  const { reason } = await talking.event("disconnected");
  assert(reason === "end" || reason === "reset", String(reason));
});

Deno.test("a killed client is noticed at once, and the others go on", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using talking = client(port);
  await using other = client(port);
  const { local } = await talking.event("connected");
  await other.event("reply");
  talking.signal("SIGKILL");
  const { client: killed, reason } = await serving.event("disconnected");
  assertEquals(killed, local);
  assert(reason === "end" || reason === "reset", String(reason));
  const { id } = await other.event("reply");
  await other.event("reply", (line) => Number(line.id) > Number(id) + 3);
});

Deno.test("a frozen server is declared dead on schedule", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using talking = client(port);
  await talking.event("reply");
  serving.signal("SIGSTOP");
  assertEquals(await talking.exitCode(), 1);
  const end = await talking.event("disconnected");
  assertEquals(end.reason, "silent");
  assertOnTime(end, talking);
  assertEquals(talking.events("probe-missed").map(({ inARow }) => inARow), [1, 2, 3, 4]);
});

Deno.test("a frozen client is declared dead on schedule, and is told when it wakes", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using talking = client(port);
  await talking.event("reply");
  talking.signal("SIGSTOP");
  const end = await serving.event("disconnected");
  assertEquals(end.reason, "silent");
  assertOnTime(end, serving);
  talking.signal("SIGCONT");
  assertEquals(await talking.exitCode(), 1);
  const told = await talking.event("disconnected");
  assertEquals([told.reason, told.said], ["terminated", "silent"]);
});

Deno.test("a peer that stalls for 500 ms, again and again, is never killed", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using talking = client(port);
  for (const stalled of [serving, talking, serving, talking]) {
    const { id } = (await talking.event("reply", () => true, talking.out.length)) as {
      id?: number;
    };
    stalled.signal("SIGSTOP");
    // The length of the stall is what is tested.
    await new Promise((resolve) => setTimeout(resolve, 500));
    stalled.signal("SIGCONT");
    await talking.event("reply", (line) => Number(line.id) > Number(id) + 1);
  }
  assertEquals([...talking.events("disconnected"), ...serving.events("disconnected")], []);
});

pythonTest("a plain Python client is served, probed and let go", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using plain = python(PYTHON_CLIENT, port);
  assertEquals(await plain.exitCode(), 0);
  const probes = ["HEARTBEAT 1", "HEARTBEAT 2", "HEARTBEAT 3"];
  assertEquals(plain.out, ["REPLY 1 hello", "REPLY 2 two words", ...probes]);
  const end = await serving.event("disconnected");
  assertEquals([end.reason, end.said], ["terminated", "enough"]);
  assertEquals(serving.events("probes-only").length, 1);
});

const PYTHON_ENDS: [how: string, reason: string][] = [
  ["end", "end"],
  ["reset", "reset"],
  ["rubbish", "malformed"],
  ["hang", "silent"],
];

for (const [how, reason] of PYTHON_ENDS) {
  pythonTest(`a plain Python server: ${how} ends our client as ${reason}`, async () => {
    await using plain = python(PYTHON_SERVER, how);
    const port = await plain.line(() => true);
    await using talking = client(port);
    assertEquals(await talking.exitCode(), 1);
    const replies = talking.events("reply").map(({ id, payload }) => `${id} ${payload}`);
    assertEquals(replies.slice(0, 2), ["1 DATA", "2 DATA"]);
    assertEquals(plain.out.slice(1, 4), ["DATA 1 data", "DATA 2 data", "DATA 3 data"]);
    const end = await talking.event("disconnected");
    assertEquals([end.reason, end.level], [reason, "error"]);
    if (reason === "silent") assertOnTime(end, talking);
  });
}

pythonTest("rubbish, an endless line and a reset cost nobody else anything", async () => {
  const { child: serving, port } = await server();
  await using _ = serving;
  await using talking = client(port);
  await talking.event("reply");
  const cases = [
    ["GET / HTTP/1.1\r\n\r\n", "wait", "malformed"],
    ["DATA 1 " + "x".repeat(9_000), "wait", "too-long"],
    ["DATA 1 a\n", "reset", "reset"],
  ];
  for (const [text, how, reason] of cases) {
    await using raw = python(RAW_CLIENT, port, text!, how!);
    await serving.event("disconnected", (line) => line.reason === reason);
    await raw.exitCode();
    if (how === "wait") assertEquals(raw.out, [`TERMINATE ${reason}`]);
  }
  const { id } = await talking.event("reply", () => true, talking.out.length - 1);
  await talking.event("reply", (line) => Number(line.id) > Number(id) + 3);
  assertEquals(talking.events("disconnected"), []);
});

Deno.test("the file configures, and the flags override it", async () => {
  await using file = await configFile([
    "# seed 004, in tenths",
    "heart_beat_interval: 0.5",
    "heart_beat_threshold: 1",
    "heart_beat_additional_tries: 3",
    "data_interval: 0.1",
    "data_threshold: 2",
    "host: 127.0.0.1",
    "port: 0",
  ]);
  await using serving = command("keepalive_server", "--config", file.path);
  const line = await serving.line((said) => said.startsWith("INFO Listening on 127.0.0.1:"));
  assertStringIncludes(line, "declared dead 6 s after it was last heard (4.5 s if");
  const port = /:(\d+);/.exec(line)![1]!;
  const flags = ["--config", file.path, "--heart-beat-threshold", "500ms"];
  await using talking = command("keepalive_client", "127.0.0.1", port, ...flags);
  const first = await talking.line((said) => said.includes("Connected"));
  assertMatch(
    first,
    /^INFO Connected to 127\.0\.0\.1:\d+ from \S+; .* dead 4 s after .* \(2\.5 s /,
  );
  await talking.line((said) => said.startsWith("INFO Reply 3 from"));
  const help = await saidBy(clientMain, ["--help", ...flags]);
  assertEquals(help.code, 0);
  assertStringIncludes(help.out.join(" "), "declared dead 4 s after it was last heard");
});

const WRONG_FILES: [lines: string[], said: string][] = [
  [
    ["data_threshold: 20", "heartbeat_interval: 5"],
    "FILE line 2: no such name heartbeat_interval, did you mean heart_beat_interval",
  ],
  [
    ["data_interval: soon"],
    'FILE line 1, data_interval: wanted a number of seconds from 0.001 on, found the text "soon"',
  ],
  [
    ["# figures", "", "heart_beat_additional_tries: 1.5"],
    "FILE line 3, heart_beat_additional_tries: wanted a whole number in 0..1000, found 1.5",
  ],
  [["port: 70000"], "FILE line 1, port: wanted a whole number in 0..65535, found 70000"],
  [["host: 5"], "FILE line 1, host: wanted an address or a name, found 5"],
  [
    ["heart_beat_threshold:"],
    "FILE line 1, heart_beat_threshold: wanted a number of seconds from 0.001 on, found nothing",
  ],
  [
    ["data_interval: 5", "data_threshold: [1, 2"],
    "FILE line 3: wanted YAML, found unexpected end of the stream",
  ],
  [
    ["data_interval: 5", "data_interval: 6"],
    "FILE line 2: wanted YAML, found duplicated key",
  ],
  [
    ["heart_beat_interval = 5   # as in seed 004", "data_interval: 5"],
    "FILE line 1: wanted every line as name: value, found name = value",
  ],
  [
    ["- data_interval"],
    "FILE line 1: wanted lines of the form name: value or name = value, found a list",
  ],
  [
    ["data_threshold: 5", "data_interval: 5"],
    "FILE line 2: wanted data_interval below data_threshold, or data would always come too late, found data_interval 5 s and data_threshold 5 s",
  ],
];

for (const [lines, said] of WRONG_FILES) {
  Deno.test(`a wrong file is one clear line and exit 2: ${JSON.stringify(lines.at(-1))}`, async () => {
    await using file = await configFile(lines);
    for (const main of [serverMain, clientMain]) {
      const { code, out, err } = await saidBy(main, ["--config", file.path]);
      assertEquals([code, err.length, out], [2, 1, []]);
      assertStringIncludes(err[0]!, `Cannot use ${said.replace("FILE", file.path)}`);
    }
  });
}

const FAILURES: [name: string, args: string[], said: string][] = [
  ["no such file", ["--config", "/no/such.yaml"], "wanted a YAML file, found no such file"],
  ["a folder", ["--config", "/"], "wanted a YAML file, found a folder"],
  [
    "impossible flags",
    ["--data-interval", "30s"],
    "Cannot use these figures: wanted data_inter",
  ],
  ["an unknown flag", ["--heartbeat-interval", "5s"], "did you mean --heart-beat-interval"],
  ["a wrong port", ["127.0.0.1", "http"], "Cannot use PORT: wanted a whole number in 0..65535"],
];

for (const [name, args, said] of FAILURES) {
  Deno.test(`${name}: the client says one clear line and exits 2`, async () => {
    const { code, err } = await saidBy(clientMain, args);
    assertEquals([code, err.length], [2, 1]);
    assertStringIncludes(err[0]!, said);
  });
}

Deno.test("nobody listens: the client says one clear line and exits 1", async () => {
  await using child = command("keepalive_client", "127.0.0.1", "1");
  assertEquals([await child.exitCode(), child.err.length], [1, 1]);
  assertStringIncludes(child.err[0]!, "Cannot connect to 127.0.0.1:1: Connection refused");
});

Deno.test("a short threshold alone is no contradiction: the interval follows it", async () => {
  const help = await saidBy(serverMain, ["--help", "--data-threshold", "2s"]);
  assertEquals([help.code, help.err], [0, []]);
  assertStringIncludes(help.out.join(" "), "declared dead 42 s after it was last heard");
});

Deno.test("a taken port is said in the system's words", async () => {
  const { child: first, port } = await server();
  await using _ = first;
  await using second = command("keepalive_server", "127.0.0.1", port);
  assertEquals(await second.exitCode(), 1);
  assertStringIncludes(second.err[0]!, "Address already in use");
});

/** A file that is gone after the test. */
async function configFile(lines: readonly string[]): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "heartline-"));
  const path = join(folder, "config.yaml");
  await writeFile(path, lines.join("\n") + "\n");
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/**
 * Sequences between real processes, killed at many points.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { main as clientMain } from "../../cli/seq_client.ts";
import { main as serverMain } from "../../cli/seq_server.ts";
import { loadSqlite } from "../../store/sqlite.ts";
import { saidBy } from "../support/commands.ts";
import { withFolder } from "../support/folder.ts";
import { type Child, command, python } from "../support/process.ts";
import { hasSqlite } from "../support/runtime.ts";
import { pythonTest } from "../support/python.ts";

const SUCCESS = "INFO SUCCESS! local checksum and server checksum are equal";

async function serve(port: string, ...options: string[]): Promise<[Child, string]> {
  const server = command("seq_server", port, "--json", ...options);
  return [server, String((await server.event("listening")).port)];
}

Deno.test("a sequence of 20 ends in SUCCESS and exit code 0", async () => {
  const [started, port] = await serve("0", "--interval", "10ms", "--store", "memory");
  await using server = started;
  await using client = command("seq_client", port, "20");
  assertEquals(await client.exitCode(), 0);
  assertEquals(client.out.at(-1), SUCCESS);
  await server.event("completed");
  server.signal("SIGTERM");
  assertEquals(await server.exitCode(), 0);
  assert(!server.out.join("\n").includes("token"));
});

Deno.test("SIGKILL of the client, with --state: it goes on, and ends in SUCCESS", () =>
  withFolder(async (folder) => {
    const [started, port] = await serve("0", "--interval", "20ms", "--store", "memory");
    await using _server = started;
    const args = [port, "40", "--state", `${folder}/state.json`, "--json", "--log-level", "debug"];
    const seen: number[] = [];
    for (const kill of [0, 3, 17, 31]) {
      await using client = command("seq_client", ...args);
      await client.event("number", ({ index }) => Number(index) >= kill);
      client.signal("SIGKILL");
      await client.exitCode();
      seen.push(...client.events("number").map(({ index }) => Number(index)));
    }
    await using last = command("seq_client", ...args);
    assertEquals(await last.exitCode(), 0);
    await last.event("done");
    seen.push(...last.events("number").map(({ index }) => Number(index)));
    assertEquals([...new Set(seen)], Array.from({ length: 40 }, (_, index) => index));
    // What was printed while the state was being written is printed again, and no more than that.
    assert(Number(last.events("number")[0]?.index) > 17, "the last state was not used");
    await using again = command("seq_client", ...args);
    assertEquals(await again.exitCode(), 0, "what is done is done");
  }));

Deno.test("a file that another process locks for long holds up no stream, and is told", {
  ignore: !hasSqlite,
}, () =>
  withFolder(async (folder) => {
    const path = `${folder}/s.sqlite`;
    const [started, port] = await serve("0", "--interval", "20ms", "--store", `sqlite:${path}`);
    await using server = started;
    await using client = command("seq_client", port, "200", "--json", "--log-level", "debug");
    await client.event("number", ({ index }) => Number(index) >= 10);
    const other = new (await loadSqlite()).DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    const { message } = await server.event("store-failed");
    const locked = await client.event("number", ({ index }) => Number(index) >= 110);
    other.exec("COMMIT");
    other.close();
    assertEquals(await client.exitCode(), 0);
    assert(locked);
    assertMatch(String(message), /s\.sqlite: another process has locked it for \d\.\d s/);
  }));

Deno.test(
  "servers that make one file at once all start",
  { ignore: !hasSqlite },
  () =>
    withFolder(async (folder) => {
      const servers = Array.from(
        { length: 6 },
        () => command("seq_server", "0", "--json", "--store", `sqlite:${folder}/s.sqlite`),
      );
      try {
        for (const server of servers) await server.event("listening");
      } finally {
        for (const server of servers) await server[Symbol.asyncDispose]();
      }
    }),
);

Deno.test("a server that stops sends its clients away, and the next one goes on", {
  ignore: !hasSqlite,
}, () =>
  withFolder(async (folder) => {
    const options = ["--interval", "20ms", "--store", `sqlite:${folder}/s.sqlite`];
    const [first, port] = await serve("0", ...options);
    await using _first = first;
    await using client = command("seq_client", port, "30", "--json", "--log-level", "debug");
    await client.event("number", ({ index }) => Number(index) >= 5);
    first.signal("SIGTERM");
    assertEquals(await first.exitCode(), 0);
    const gone = await client.event("disconnected");
    assertEquals(gone.reason, "goaway");
    const [second] = await serve(port, ...options);
    await using _second = second;
    assertEquals(await client.exitCode(), 0);
  }));

Deno.test("an expired session is explained, with exit code 1", () =>
  withFolder(async (folder) => {
    const options = ["--interval", "20ms", "--window", "50ms", "--store", "memory"];
    const [server, port] = await serve("0", ...options);
    await using _server = server;
    const args = [port, "1000", "--state", `${folder}/state.json`];
    await using first = command("seq_client", ...args, "--json", "--log-level", "debug");
    // By the second number the session is saved; before, a new client would ask for a new one.
    await first.event("number", ({ index }) => Number(index) >= 1);
    first.signal("SIGKILL");
    await server.event("expired");
    await using second = command("seq_client", ...args);
    assertEquals(await second.exitCode(), 1);
    assertStringIncludes(second.err[0]!, "ERROR The session expired");
  }));

// Node before 22.5, where the store that is taken unless another is asked for cannot be had.
Deno.test("without node:sqlite the server says what to do", { ignore: hasSqlite }, async () => {
  await using server = command("seq_server", "0");
  assertEquals(await server.exitCode(), 1);
  assertEquals(server.err.length, 1);
  assertStringIncludes(server.err[0]!, "use the memory store (--store memory)");
});

/** Sends each argument in a connection of its own and prints the first line of each answer. */
const RAW_CLIENT = `
import socket, sys
for text in sys.argv[2:]:
    sock = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
    sock.sendall(text.encode().decode("unicode_escape").encode())
    line = sock.makefile().readline().strip()
    print(" ".join(line.split()[:2]) if line.startswith("REJECTED") else line.split()[0])
`;

pythonTest(
  "bad input of every kind is REJECTED with a code, and others do not notice",
  async () => {
    const [server, port] = await serve("0", "--interval", "20ms", "--store", "memory");
    await using _server = server;
    await using client = command("seq_client", port, "40");
    await server.event("started");
    const uuid = "01234567-89ab-4def-8123-456789abcdef";
    const secret = "0".repeat(32);
    const cases: [sent: string, code: string][] = [
      [`HELLO 1 ${uuid} 0\\n`, "LENGTH"],
      [`HELLO 1 ${uuid} 65536\\n`, "LENGTH"],
      [`HELLO 1 ${uuid} -1\\n`, "LENGTH"],
      [`HELLO 1 ${uuid} text\\n`, "LENGTH"],
      ["HELLO 1 nobody 5\\n", "UUID"],
      [`HELLO 2 ${uuid} 5\\n`, "VERSION"],
      ["x".repeat(10_000), "TOO-LONG"],
      ["GET / HTTP/1.1\\r\\n\\r\\n", "MALFORMED"],
      ["ACK 1\\n", "MALFORMED"],
      [`RESUME 1 ${secret} ${secret} 0\\n`, "UNKNOWN"],
    ];
    await using raw = python(RAW_CLIENT, port, ...cases.map(([sent]) => sent));
    assertEquals(await raw.exitCode(), 0, raw.err.join("\n"));
    assertEquals(raw.out, cases.map(([, code]) => `REJECTED ${code}`));
    assertEquals(await client.exitCode(), 0);
  },
);

Deno.test("wrong usage is one line and exit code 2", async () => {
  for (
    const [args, said] of [
      [["49155", "0"], "Cannot use LENGTH: wanted a whole number in 1..65535"],
      [["49155", "65536"], "Cannot use LENGTH: wanted a whole number in 1..65535"],
      [[], "Cannot run: wanted PORT"],
    ] as const
  ) {
    const { code, err } = await saidBy(clientMain, args);
    assertEquals(code, 2);
    assertStringIncludes(err[0]!, said);
  }
  const server = await saidBy(serverMain, ["--store", "redis"]);
  assertEquals(server.code, 2);
  assertStringIncludes(server.err[0]!, "Cannot use --store: wanted memory, sqlite, sqlite:PATH or");
});

/**
 * Live tables of real servers in a terminal, which is resized, has no colours, or is none.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freePort } from "../support/free_port.ts";
import { command } from "../support/process.ts";
import { TerminalChild } from "../support/terminal.ts";
import { pythonTest } from "../support/python.ts";

/** Waits for the line that says where the server listens; returns the port. */
async function portOf(terminal: TerminalChild): Promise<string> {
  const said = /(?:on port |127\.0\.0\.1:)(\d+)/;
  const lines = await terminal.screen((lines) => lines.some((line) => said.test(line)));
  return said.exec(lines.find((line) => said.test(line))!)![1]!;
}

pythonTest(
  "udp-server shows clients, alarms and delays, follows the size, and ends cleanly",
  async () => {
    await using terminal = new TerminalChild(
      "udp_server",
      ["--port", "0", "--auto-register", "1s", "--watch"],
    );
    const port = await portOf(terminal);
    await using client = command("udp_client", "--port", port, "--period", "100ms");
    const up = await terminal.screen((lines) => /[▁-█]{2}$/.test(lines[3] ?? ""));
    assertMatch(up[0]!, /^udp-server: 1 client: 0 waiting, 1 up, 0 down$/);
    assertMatch(up[2]!, /^client +state +downs +silent for +loss +jitter +delay +delays$/);
    assertMatch(up[3]!, /^127\.0\.0\.1:\d+ +UP +0 +\S+ \S+ +\d+\.\d % +\S+ ms +\S+ \S+ +[▁-█]+$/);
    client.signal("SIGKILL");
    const down = await terminal.screen((lines) => lines[3]?.includes("DOWN") === true);
    assertMatch(down[3]!, /DOWN +1 /);
    terminal.resize(30, 8);
    const small = await terminal.screen((lines) => lines[0]!.length <= 30);
    assert(small.length <= 8 && small.every((line) => line.length <= 30), small.join("\n"));
    terminal.resize(80, 24);
    await terminal.screen((lines) => lines[2]!.endsWith("delays"));
    assertEquals(await terminal.end(), 0);
    assert(terminal.drawn.startsWith("\x1b[?1049h"));
    assertStringIncludes(terminal.drawn, "\x1b[?25h\x1b[?1049ludp-server: 1 client");
    assertStringIncludes(terminal.drawn, "\x1b[31mDOWN\x1b[0m");
  },
);

pythonTest("a terminal that is stopped holds up no verdict and no end", async () => {
  // Tables so large that the terminal is full long before the verdicts.
  const clients = Array.from({ length: 40 }, (_, n) => ["--client", `10.0.0.${n + 1}:1=5s`]).flat();
  const port = String(await freePort());
  await using terminal = new TerminalChild(
    "udp_server",
    ["--port", "0", "--watch", "--metrics", port, ...clients],
  );
  terminal.resize(200, 60);
  await terminal.screen((lines) => lines.length > 40);
  terminal.hold();
  for (let metrics = ""; !metrics.includes('clients{state="down"} 40\n');) {
    metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`, {
      signal: AbortSignal.timeout(5_000),
    })).text();
  }
  // It ends although the last table cannot be written.
  assertEquals(await terminal.end(), 0);
});

/** The other servers, a client of each, and what the table says of it then. */
const SERVERS: [file: string, args: string[], client: string[], row: RegExp][] = [
  ["tcp_server", ["--port", "0"], ["tcp_client", "--port", "PORT"], /^127\S+ +UP +0 /],
  [
    "handshake_server",
    ["127.0.0.1", "0"],
    ["handshake_client", "HELLO", "127.0.0.1", "PORT", "9876"],
    /^granted +1$/,
  ],
  [
    "keepalive_server",
    ["127.0.0.1", "0"],
    ["keepalive_client", "127.0.0.1", "PORT"],
    /^127\S+ +DATA/,
  ],
  [
    "seq_server",
    ["0", "--store", "memory", "--interval", "10ms"],
    ["seq_client", "PORT", "5"],
    /^completed +1$/,
  ],
];

for (const [file, args, [client, ...clientArgs], row] of SERVERS) {
  pythonTest(`${file} shows its client in a live table`, async () => {
    await using terminal = new TerminalChild(file, [...args, "--watch"], { NO_COLOR: "1" });
    const port = await portOf(terminal);
    const given = clientArgs.map((arg) => arg === "PORT" ? port : arg);
    await using _client = command(client!, ...given);
    await terminal.screen((lines) => lines.some((line) => row.test(line)));
    assertEquals(await terminal.end(), 0);
    assert(!terminal.drawn.includes("\x1b[3") && !terminal.drawn.includes("\x1b[1m"));
  });
}

pythonTest("below a live table stands only what is as grave as asked for", async () => {
  await using terminal = new TerminalChild(
    "udp_server",
    ["--port", "0", "--watch", "--log-level", "warn"],
  );
  // The first drawing is older than what the server says of itself, the second is not.
  const drawn = await terminal.text((drawn) => drawn.split("udp-server: 0 clients").length > 2);
  assert(!drawn.includes("Listening"));
});

pythonTest(
  "where standard output is no terminal there are lines, and with --json objects",
  async () => {
    await using piped = command("udp_server", "--port", "0", "--watch");
    await piped.line((line) => line.startsWith("INFO Listening for UDP heartbeats on "));
    await using json = command("tcp_server", "--port", "0", "--watch", "--json");
    await json.event("listening");
    await using terminal = new TerminalChild("tcp_server", ["--port", "0", "--watch", "--json"]);
    await terminal.text((drawn) => drawn.includes('"event":"listening"'));
    assert(!terminal.drawn.includes("\x1b["));
  },
);

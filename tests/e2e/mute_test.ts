/**
 * Servers that can tell nobody any more, or only somebody who is slow.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import process from "node:process";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { launch } from "../../cli/command/launch.ts";
import { Child } from "../support/process.ts";

/** Each server, and over what a message that it must speak of comes. */
const SERVERS: readonly (readonly ["udp" | "tcp", string, ...string[]])[] = [
  ["udp", "udp_server", "--port", "0", "--auto-register", "30s"],
  ["tcp", "tcp_server", "--port", "0"],
  ["tcp", "handshake_server", "127.0.0.1", "0", "--transport", "tcp"],
  ["tcp", "keepalive_server", "127.0.0.1", "0"],
  ["tcp", "seq_server", "0", "--store", "memory"],
  ["tcp", "seq_proxy", "0", "1", "--no-keys"],
];
const GONE = "Stopped: nobody reads standard output any more";

for (const [transport, file, ...args] of SERVERS) {
  for (const form of ["text", "json"]) {
    Deno.test(`${file} ends with 1 and says so when nobody reads its ${form} any more`, async () => {
      const [program, ...start] = launch(file, ["-A"]);
      const forms = form === "json" ? ["--json"] : [];
      const child = spawn(program, [...start, ...args, ...forms, "--log-level", "debug"], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      const closed = once(child, "exit");
      const said = text(child.stderr);
      const port = await portIn(createInterface({ input: child.stdout })[Symbol.asyncIterator]());
      child.stdout.destroy();
      await once(child.stdout, "close");
      const end = poke(transport, port);
      const [code] = await closed;
      end();
      assertEquals([code, (await said).trim().split("\n").at(-1)], [1, GONE]);
    });
  }
}

Deno.test({
  name: "a server whose standard output finds no room ends with 1 and one line",
  ignore: !existsSync("/dev/full"),
  async fn() {
    const server = ["udp_server", "--port", "0", "--json"] as const;
    const [program, ...start] = launch(server[0], ["-A"]);
    await using child = new Child("bash", [
      "-c",
      '"$@" > /dev/full; echo $?',
      "bash",
      program,
      ...start,
      ...server.slice(1),
    ]);
    await child.exitCode();
    assertEquals([child.out, child.err], [["1"], ["Cannot write: No space left on device"]]);
  },
});

Deno.test({
  name: "a server goes on whose standard error nobody reads",
  ignore: !existsSync("/proc/self"),
  async fn() {
    const [program, ...start] = launch("udp_server", ["-A"]);
    // No file can be made there, which is said on standard error again and again, and at the end.
    const args = ["--port", "0", "--auto-register", "30s", "--state", "/proc/self/state.json"];
    const child = spawn(program, [...start, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const closed = once(child, "exit");
    child.stderr.destroy();
    await once(child.stderr, "close");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const port = await portIn(lines);
    const end = poke("udp", port);
    for (let line = ""; !line.includes("Ignored");) line = (await lines.next()).value ?? "Ignored";
    end();
    process.kill(child.pid!, "SIGTERM");
    assertEquals(await closed, [0, null]);
  },
});

Deno.test("a reader that pauses delays no verdict and no metrics, and misses no verdict", async () => {
  const [program, ...start] = launch("udp_server", ["-A"]);
  // It takes two lines, then nothing until it is told to go on.
  const reader = "{ read -r a; echo $a; read -r b; echo $b; read -r go <&3; cat; }";
  const args = [
    "--port",
    "0",
    "--auto-register",
    "300ms",
    "--metrics",
    "0",
    "--log-level",
    "debug",
  ];
  const server = [program, ...start, ...args, "--json"];
  const script = `exec 3<&0; "$@" < /dev/null | ${reader}`;
  await using child = new Child("bash", ["-c", script, "bash", ...server], { group: true });
  const { port } = await child.event("listening");
  const { url } = await child.event("metrics");
  const socket = createSocket("udp4");
  const send = (message: string): Promise<void> =>
    new Promise((sent) => socket.send(message, Number(port), "127.0.0.1", () => sent()));
  // Many more lines than the pipe and both ends hold.
  for (let n = 0; n < 5_000; n++) await send(`heartbeat ${n % 10 + 1} ${Date.now() / 1000}`);
  let metrics = "";
  while (!/^heartline_clients\{state="down"\} 1$/m.test(metrics)) {
    // Does not answer where writing blocks, for the reader goes on only afterwards.
    const answer = await fetch(String(url), { signal: AbortSignal.timeout(10_000) });
    metrics = await answer.text();
  }
  socket.close();
  assertEquals(child.out.length, 2);
  child.write("go\n");
  await child.event("down");
});

async function portIn(lines: AsyncIterator<string>): Promise<number> {
  for (;;) {
    const { value = "", done } = await lines.next();
    const [, port] = /(?:"port":| port |127\.0\.0\.1:)(\d+)/.exec(value) ?? [];
    if (port !== undefined) return Number(port);
    if (done) throw new Error("The server ended before it listened");
  }
}

/** Sends what no protocol takes, and returns what ends that. */
function poke(transport: "udp" | "tcp", port: number): () => void {
  if (transport === "udp") {
    const socket = createSocket("udp4");
    socket.send("nonsense", port, "127.0.0.1");
    return () => socket.close();
  }
  const socket = connect(port, "127.0.0.1", () => socket.end("nonsense\n"));
  socket.on("error", () => {});
  return () => socket.destroy();
}

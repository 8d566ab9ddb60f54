/**
 * Commands whose output nobody reads, or for which there is no room.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { launch } from "../../cli/command/launch.ts";
import { Child } from "../support/process.ts";
import { onDeno } from "../support/runtime.ts";

/** Enough that the pipe is closed in the middle of it, and what is said at once, and in time. */
const CALLS: string[][] = [
  ["udp_server", "--completions", "zsh"],
  ["udp_server", "--help"],
  ["udp_server", "--wrong"],
  ["udp_client", "--port", "1", "--period", "20ms", "--count", "2", "--log-level", "debug"],
  ["tcp_client", "--port", "1", "--no-reconnect"],
  [
    "handshake_client",
    "HELLO",
    "127.0.0.1",
    "1",
    "id",
    "--timeout",
    "20ms",
    "--log-level",
    "debug",
  ],
  ["plan"],
];

const HEARTLINE = fileURLToPath(
  import.meta.resolve(onDeno ? "../../cli/command/main.ts" : "heartline/package.json"),
).replace("package.json", "bin/heartline.js");

const PROGRAMS: string[][] = [
  ...CALLS.map(([file, ...args]) => [...launch(file!, ["-A"]), ...args]),
  // Only the npm package has the one that holds all others.
  ...onDeno ? [] : [
    [process.execPath, HEARTLINE, "--completions", "zsh"],
    [process.execPath, HEARTLINE, "--help"],
    [process.execPath, HEARTLINE, "nonsense"],
  ],
];

const PLACES: Readonly<Record<string, string>> = {
  "a closed pipe": '"$@" | true; echo "${PIPESTATUS[0]}"',
  "a full disk": '"$@" > /dev/full; echo $?',
  "a full disk, errors too": '"$@" > /dev/full 2> /dev/full; echo $?',
};

/** What each says where there is room, and somebody reads. */
let plainly: Promise<Ran[]> | undefined;

for (const [place, script] of Object.entries(PLACES)) {
  Deno.test({
    name: `no command shows a stack trace because it writes to ${place}`,
    ignore: !existsSync("/dev/full"),
    async fn() {
      const said = await (plainly ??= Promise.all(PROGRAMS.map(ran)));
      await Promise.all(PROGRAMS.map(async (program, index) => {
        const plain = said[index]!;
        const { out, err } = await ran(["bash", "-c", script, "bash", ...program]);
        // Lines for which there was no room are a job that failed.
        const code = place.startsWith("a full disk") && plain.out.length > 0 && plain.code === 0
          ? 1
          : plain.code;
        assertEquals(out, [String(code)], program.join(" "));
        const expected = ["Cannot write: No space left on device", ...plain.err];
        assertEquals(err.filter((line) => !expected.includes(line)), [], program.join(" "));
      }));
    },
  });
}

async function ran([program, ...args]: readonly string[]): Promise<Ran> {
  await using child = new Child(program!, args);
  const code = await child.exitCode();
  // The time before a line is another each time.
  const err = child.err.map((line) => line.replace(/^\d{4}-\d\d-\d\dT\S+Z /, ""));
  return { code, out: child.out, err };
}

interface Ran {
  readonly code: number | null;
  readonly out: readonly string[];
  readonly err: readonly string[];
}

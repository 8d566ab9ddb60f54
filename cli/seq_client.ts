/**
 * `seq-client`: receives a sequence over as many connections as it takes, and compares checksums.
 *
 * @module
 */
import process from "node:process";
import { HeartlineError } from "../core/errors.ts";
import { receiveSequence, type SequenceReceiver } from "../sequence/client.ts";
import { checkSequenceSnapshot } from "../sequence/snapshot.ts";
import { type Environment, EXIT, runCommand } from "./command/main.ts";
import { roomForLines } from "./command/output.ts";
import { file, host, number, port } from "./command/options.ts";
import { Progress } from "./lines/progress.ts";
import { sequenceClientLines } from "./lines/sequence.ts";
import { readState, writeState } from "./config/state_file.ts";

const COMMAND = {
  name: "seq-client",
  summary: "receives a sequence of numbers whatever happens to connections, and checks it",
  positionals: {
    PORT: port("port of the server or the proxy", undefined as never),
    LENGTH: {
      ...number("how many numbers to ask for", undefined, { min: 1, max: 65_535, integer: true }),
      shown: "a random number in 1..65535",
    },
  },
  options: {
    host: host("address or name of the server", "127.0.0.1"),
    state: file("file from which a killed client goes on"),
  },
  examples: [
    "seq-client 49155",
    "seq-client 49156 1000",
    "seq-client 49155 1000 --state sequence.json",
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, environment) => {
    const { state: file, LENGTH: length } = given;
    const saved = file === undefined ? undefined : await readState(file);
    const receiver = receiveSequence({
      hostname: given.host,
      port: given.PORT,
      signal: environment.signal,
      ...(length !== undefined && { length }),
      ...(saved !== undefined && { snapshot: checkSequenceSnapshot(saved) }),
      ...(file !== undefined && { save: (snapshot) => writeState(file, snapshot) }),
    });
    const bar = new Progress(receiver.snapshot().length, !given.json);
    const [code] = await Promise.all([
      receive(receiver, bar, environment),
      report(receiver, bar, environment),
    ]);
    return code;
  });
}

async function receive(
  receiver: SequenceReceiver,
  bar: Progress,
  { log, signal }: Environment,
): Promise<number> {
  let index = receiver.snapshot().checksum.count;
  try {
    for await (const value of receiver) {
      log("debug", `Received number ${index}: ${value}`, { type: "number", index, value });
      bar.update(++index);
      await roomForLines(signal);
    }
    return EXIT.done;
  } catch (error) {
    // The events said what happened; asked to stop, it stops cleanly and did not do its job.
    const said = error instanceof HeartlineError &&
      (SAID.has(error.code) || error.code === "closed" && signal.aborted);
    if (!said) throw error;
    return EXIT.failed;
  } finally {
    bar.clear();
  }
}

async function report(
  receiver: SequenceReceiver,
  bar: Progress,
  { log }: Environment,
): Promise<void> {
  for await (const event of receiver.events) {
    bar.clear();
    for (const [level, text, line = event] of sequenceClientLines(event)) {
      log(level, text, line);
    }
  }
}

const SAID: ReadonlySet<string> = new Set(["session-ended", "checksum-differs"]);

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

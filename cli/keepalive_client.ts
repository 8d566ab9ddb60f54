/**
 * `keepalive-client`: sends data messages, and probes the server when it falls silent.
 *
 * @module
 */
import process from "node:process";
import { connectKeepalive } from "../keepalive/client.ts";
import { keepaliveDetection } from "../keepalive/options.ts";
import { HeartlineError } from "../core/errors.ts";
import {
  KEEPALIVE_OPTIONS,
  KEEPALIVE_POSITIONALS,
  type KeepaliveArguments,
  keepaliveConfig,
} from "./config/keepalive_config.ts";
import { detectionLine, keepaliveClientLines } from "./lines/keepalive.ts";
import { EXIT, logEvents, runCommand } from "./command/main.ts";
import { text } from "./command/options.ts";

const COMMAND = {
  name: "keepalive-client",
  summary: "sends data messages, and probes the server when it falls silent until it is dead",
  positionals: KEEPALIVE_POSITIONALS,
  options: {
    ...KEEPALIVE_OPTIONS,
    payload: text("what each data message says", "data"),
  },
  examples: [
    "keepalive-client",
    "keepalive-client 127.0.0.1 6520 --config keepalive.yaml",
    "keepalive-client --data-interval 500ms --payload 'still here'",
  ],
  notes: async (given: KeepaliveArguments) => [
    `With these figures ${detectionLine(keepaliveDetection(await keepaliveConfig(given)))}.`,
    "exit codes: 0 stopped by the user, 1 connection refused, lost or terminated, 2 wrong usage",
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, { log, signal }) => {
    const { host, ...config } = await keepaliveConfig(given);
    const detection = keepaliveDetection(config);
    let code: number = EXIT.done;
    try {
      const { payload } = given;
      const client = await connectKeepalive({
        hostname: host,
        ...config,
        payload,
        signal,
        dropPayloads: true,
      });
      await logEvents(client, { log, signal }, (event) => {
        if (event.type === "disconnected") code = EXIT.failed;
        return keepaliveClientLines(event, detection);
      });
    } catch (error) {
      // Stopped while it was connecting.
      if (!(error instanceof HeartlineError && signal.aborted)) throw error;
    }
    return code;
  });
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

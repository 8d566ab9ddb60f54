/**
 * `tcp-client`: sends TCP heartbeats and connects again for as long as it runs.
 *
 * @module
 */
import process from "node:process";
import { HeartlineError } from "../core/errors.ts";
import { sendTcpHeartbeats } from "../tcp/client.ts";
import { parseDuration } from "./command/duration.ts";
import { EXIT, logEvents, runCommand } from "./command/main.ts";
import { custom, flag, host, number, port } from "./command/options.ts";
import { noServer, tcpClientLines } from "./lines/tcp.ts";

const COMMAND = {
  name: "tcp-client",
  summary: "sends TCP heartbeats and connects again for as long as it runs",
  positionals: {},
  options: {
    host: host("address or name of the server, also -ho", "localhost"),
    port: port("port of the server", 6510, { short: "p" }),
    interval: custom(
      "milliseconds from 1 on, or a duration such as 5s",
      "milliseconds between two heartbeats",
      1_000,
      readInterval,
      { short: "i", placeholder: "MS" },
    ),
    ack: flag(
      "ask for acknowledgements and report what is not confirmed; the server needs --ack too",
    ),
    "no-reconnect": flag("exit 1 when the connection is refused or lost"),
    count: number("stop after so many heartbeats", undefined, { min: 1, integer: true }),
    debug: flag("print acknowledgements, as --log-level debug does", { short: "d" }),
  },
  aliases: { "-ho": "--host" },
  examples: [
    "tcp-client",
    "tcp-client -ho 127.0.0.1 -p 1234 -i 100",
    "tcp-client --ack --count 10 --no-reconnect",
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, { log, signal }) => {
    try {
      const client = await sendTcpHeartbeats({
        hostname: given.host,
        port: given.port,
        interval: given.interval,
        ack: given.ack,
        reconnect: !given["no-reconnect"],
        signal,
        ...(given.count !== undefined && { count: given.count }),
      });
      let code: number = EXIT.done;
      await logEvents(client, { log, signal }, (event) => {
        if (event.type === "failed") code = EXIT.failed;
        if (event.type === "done" && given.ack && event.acked < event.sent) code = EXIT.failed;
        return tcpClientLines(event, given);
      });
      return code;
    } catch (error) {
      if (!(error instanceof HeartlineError) || error.code !== "connection-refused") throw error;
      const { code, message } = error;
      log("error", noServer(given.port), { type: "failed", code, message });
      return EXIT.failed;
    }
  });
}

function readInterval(given: string): number | undefined {
  const ms = /^\d+$/.test(given) ? Number(given) : parseDuration(given);
  return ms !== undefined && ms >= 1 ? ms : undefined;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

/**
 * `tcp-server`: receives TCP heartbeats and says what is missing, late or silent.
 *
 * @module
 */
import process from "node:process";
import { serveTcpHeartbeats } from "../tcp/server.ts";
import { runCommand } from "./command/main.ts";
import { duration, flag, host, port } from "./command/options.ts";
import { runServer, SERVER_OPTIONS, watchedOn } from "./command/serve.ts";
import { tcpMetrics } from "./metrics/service_metrics.ts";
import { heartbeatTable } from "./tables/watch_table.ts";
import { tcpServerLines } from "./lines/tcp.ts";

const COMMAND = {
  name: "tcp-server",
  summary: "receives TCP heartbeats from any number of clients and says what is missing or silent",
  positionals: {},
  options: {
    host: host("address to listen on", "127.0.0.1"),
    port: port("port to listen on, 0 for any free one", 6510, { short: "p" }),
    timeout: duration("silence after which a client is reported", "10s"),
    "forget-after": duration("how long a client is expected back after its connection", "1d"),
    ack: flag("confirm every heartbeat to its client"),
    debug: flag("print delays, as --log-level debug does", { short: "d" }),
    ...SERVER_OPTIONS,
  },
  aliases: { "-ho": "--host" },
  examples: ["tcp-server", "tcp-server -p 1234 --debug", "tcp-server --timeout 5s --ack --json"],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, environment) => {
    // A live table shows what heartbeats tell; a line for each would hide all others.
    const each = watchedOn(given) === undefined && ["debug", "info"].includes(given["log-level"]);
    const server = await serveTcpHeartbeats({
      hostname: given.host,
      port: given.port,
      timeout: given.timeout,
      forgetAfter: given["forget-after"],
      ack: given.ack,
      emitBeats: given.debug || each,
      signal: environment.signal,
    });
    const view = {
      lines: tcpServerLines,
      metrics: () => tcpMetrics(server),
      table: (limit: number) => heartbeatTable(server, limit),
    };
    return await runServer(server, view, given, environment);
  });
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

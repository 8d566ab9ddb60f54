/**
 * `handshake-server`: leases connection ids.
 *
 * @module
 */
import process from "node:process";
import type { HandshakeServerEvent } from "../handshake/events.ts";
import { serveHandshake } from "../handshake/server.ts";
import { handshakeServerLine } from "./lines/handshake.ts";
import { runCommand } from "./command/main.ts";
import { choice, duration, flag, host, number, required } from "./command/options.ts";
import { runServer, SERVER_OPTIONS } from "./command/serve.ts";
import { handshakeMetrics } from "./metrics/service_metrics.ts";
import { eventTable } from "./tables/watch_table.ts";

const COMMAND = {
  name: "handshake-server",
  summary: "leases connection ids: OK to who asks first, RESET to everybody else for 30 s",
  positionals: {
    SERVER_IP: required(host("the address to listen on", undefined)),
    SERVER_PORT: required(number("the port to listen on, 0 for any free one", undefined, {
      min: 0,
      max: 65_535,
      integer: true,
    })),
  },
  options: {
    transport: choice("what to listen for, both on one port", ["udp", "tcp", "both"], "both"),
    lease: duration("how long an id is in use after its OK", "30s"),
    "idle-exit": duration("stop when there was no HELLO for so long", "2m"),
    strict: flag("never reply with more than three times the request, and limit every address"),
    "max-leases": number("ids in use at most", 100_000, { min: 1, integer: true }),
    ...SERVER_OPTIONS,
  },
  examples: [
    "handshake-server 127.0.0.1 4000",
    "handshake-server 0.0.0.0 4000 --transport udp --strict --json",
    "handshake-server 127.0.0.1 0 --lease 5s --idle-exit 10m",
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, environment) => {
    const server = await serveHandshake({
      hostname: given.SERVER_IP,
      port: given.SERVER_PORT,
      transport: given.transport,
      lease: given.lease,
      idleExit: given["idle-exit"],
      strict: given.strict,
      maxLeases: given["max-leases"],
      emitRequests: ["debug", "info"].includes(given["log-level"]),
      signal: environment.signal,
    });
    const view = {
      lines: (event: HandshakeServerEvent) => [handshakeServerLine(event)],
      metrics: () => handshakeMetrics(server),
      table: () => eventTable(server, `${server.leases} ids are leased`),
    };
    return await runServer(server, view, given, environment);
  });
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

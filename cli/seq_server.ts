/**
 * `seq-server`: sends each client its own sequence of numbers, and goes on after every disconnect.
 *
 * @module
 */
import process from "node:process";
import type { HeartlineError } from "../core/errors.ts";
import { serveSequence } from "../sequence/server.ts";
import type { Log } from "./lines/log.ts";
import { runCommand } from "./command/main.ts";
import { custom, duration, host, number, port } from "./command/options.ts";
import { runServer, SERVER_OPTIONS } from "./command/serve.ts";
import { sequenceMetrics } from "./metrics/service_metrics.ts";
import { eventTable } from "./tables/watch_table.ts";
import { sequenceServerLines } from "./lines/sequence.ts";
import { openStore, readStoreChoice, type StoreChoice } from "./config/session_store.ts";
import { parseDuration } from "./command/duration.ts";

const COMMAND = {
  name: "seq-server",
  summary: "sends each client its own sequence of numbers, and goes on after every disconnect",
  positionals: { PORT: port("port to listen on, 0 for any free one", 49_155) },
  options: {
    host: host("address to listen on", "127.0.0.1"),
    interval: {
      ...custom(
        "a duration such as 250ms or 1s, or 0 for as fast as they are confirmed",
        "time between two numbers",
        1_000,
        readInterval,
        { placeholder: "DURATION|0" },
      ),
      shown: "1s",
    },
    heartbeat: duration("time between two heartbeats; three unanswered are a disconnect", "5s"),
    window: duration("how long a session is kept without a connection", "30s"),
    store: {
      ...custom(
        "memory, sqlite, sqlite:PATH or redis://HOST:PORT",
        "where sessions are kept",
        { kind: "sqlite", path: undefined } as StoreChoice,
        readStoreChoice,
        { placeholder: "STORE" },
      ),
      shown: "sqlite under the XDG state folder",
    },
    "max-sessions": number("sessions at most", 100_000, { min: 1, integer: true }),
    "max-per-address": number("connections from one address at most", 10_000, {
      min: 1,
      integer: true,
    }),
    ...SERVER_OPTIONS,
  },
  examples: [
    "seq-server",
    "seq-server 49155 --interval 250ms --store memory",
    "seq-server 0 --store sqlite:sessions.sqlite --json",
    "seq-server 49156 --store redis://:PASSWORD@127.0.0.1:6379/2",
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, environment) => {
    const { log, signal } = environment;
    const { store, shown, fault } = await openStore(given.store, given.PORT);
    try {
      log("info", `Keeping sessions in ${shown}`, { type: "store", store: shown });
      if (fault) logFault(log, fault);
      const server = await serveSequence({
        hostname: given.host,
        port: given.PORT,
        interval: given.interval,
        heartbeat: Math.ceil(given.heartbeat),
        sessionTtl: Math.ceil(given.window),
        maxSessions: given["max-sessions"],
        maxPerAddress: given["max-per-address"],
        store,
        signal,
      });
      const view = {
        lines: sequenceServerLines,
        metrics: () => sequenceMetrics(server),
        table: () => eventTable(server, `${server.sessions} sessions are held`),
      };
      return await runServer(server, view, given, environment);
    } finally {
      await store.close();
    }
  });
}

/** Redis may be started after its servers: clients are told to try again until it is there. */
function logFault(log: Log, { message }: HeartlineError): void {
  const line = { type: "store-failed", message, count: 1 } as const;
  log("warn", `${message}; sessions wait until it can be used`, line);
}

function readInterval(given: string): number | undefined {
  const ms = given === "0" ? 0 : parseDuration(given);
  // It goes over the wire as whole milliseconds.
  return ms !== undefined && Number.isInteger(ms) ? ms : undefined;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

/**
 * `udp-server`: watches UDP heartbeats and says who falls silent.
 *
 * @module
 */
import process from "node:process";
import { parseIpAddress } from "../core/address.ts";
import { HeartlineError } from "../core/errors.ts";
import type { UdpServerEvent } from "../udp/events.ts";
import { serveUdpHeartbeats, type UdpHeartbeatServer } from "../udp/server.ts";
import type { UdpClientRegistration } from "../udp/options.ts";
import { checkUdpServerSnapshot } from "../udp/server_snapshot.ts";
import { parseDuration } from "./command/duration.ts";
import { type Environment, type Line, runCommand } from "./command/main.ts";
import { custom, duration, file, host, list, port } from "./command/options.ts";
import { runServer, SERVER_OPTIONS } from "./command/serve.ts";
import { udpMetrics } from "./metrics/service_metrics.ts";
import { heartbeatTable } from "./tables/watch_table.ts";
import { readState, writeState } from "./config/state_file.ts";
import { udpServerLine } from "./lines/udp.ts";

const COMMAND = {
  name: "udp-server",
  summary: "watches UDP heartbeats and says which client falls silent and which is back",
  positionals: {},
  options: {
    host: host("address to listen on", "127.0.0.1"),
    port: port("port to listen on, 0 for any free one", 6500),
    client: list(custom(
      "IP:PORT=TIMEOUT as in 127.0.0.1:5001=30s, with ,GROUP behind it if it has one",
      "a client to watch and its timeout",
      undefined,
      readClient,
      { placeholder: "ADDRESS=TIMEOUT[,GROUP]" },
    )),
    "auto-register": duration("watch any sender, with this timeout", undefined),
    grace: duration("added to every timeout before the alarm", undefined),
    "group-wait": duration("how long the first silent client waits for its group", "5s"),
    state: file("file that remembers who is down across restarts"),
    ...SERVER_OPTIONS,
  },
  examples: [
    "udp-server --client 127.0.0.1:5001=30s --client 127.0.0.1:5002=1m",
    "udp-server --port 6500 --auto-register 30s --json",
    "udp-server --auto-register 30s --grace 2s --state heartbeats.json",
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, environment) => {
    const saved = given.state === undefined ? undefined : await readState(given.state);
    const server = await serveUdpHeartbeats({
      hostname: given.host,
      port: given.port,
      clients: given.client,
      emitBeats: given["log-level"] === "debug",
      groupWait: given["group-wait"],
      signal: environment.signal,
      ...(given.grace !== undefined && { grace: given.grace }),
      ...(given["auto-register"] !== undefined && { autoRegisterTimeout: given["auto-register"] }),
      ...(saved !== undefined && { snapshot: checkUdpServerSnapshot(saved) }),
    });
    const keeper = given.state === undefined
      ? undefined
      : keepState(server, given.state, environment);
    const watchesNobody = given["auto-register"] === undefined && server.clients(1).length === 0;
    const view = {
      lines: (event: UdpServerEvent) => {
        keeper?.notice(event);
        const line = udpServerLine(event);
        return event.type === "listening" && watchesNobody ? [line, NOBODY] : [line];
      },
      metrics: () => udpMetrics(server),
      table: (limit: number) => heartbeatTable(server, limit),
    };
    const code = await runServer(server, view, given, environment);
    await keeper?.finish();
    return code;
  });
}

/** Saves the server's state at once, on every change of it, and every few seconds for the silences. */
function keepState(
  server: UdpHeartbeatServer,
  path: string,
  { log }: Environment,
): { notice: (event: UdpServerEvent) => void; finish: () => Promise<void> } {
  let saving = Promise.resolve();
  let queued = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  function save(): void {
    // One write at a time and at most one waiting: it will hold the latest state anyway.
    if (queued) return;
    queued = true;
    saving = saving.then(write);
  }
  async function write(): Promise<void> {
    queued = false;
    clearTimeout(timer);
    const started = performance.now();
    try {
      await writeState(path, server.snapshot());
    } catch (error) {
      const { message } = error as HeartlineError;
      log("error", message, { type: "state-not-saved", message });
    }
    const took = performance.now() - started;
    timer = setTimeout(
      save,
      Math.min(Math.max(SHORTEST_INTERVAL, took * MOST_SHARE), LONGEST_INTERVAL),
    );
  }
  // At once: a server that is killed before it saved again must not begin each silence anew.
  save();
  return {
    notice: ({ type }) => CHANGES.has(type) && save(),
    async finish() {
      save();
      await saving;
      clearTimeout(timer);
    },
  };
}

function readClient(given: string): UdpClientRegistration | undefined {
  const match = CLIENT.exec(given);
  const timeout = parseDuration(match?.[2] ?? "");
  if (!match || !timeout) return undefined;
  try {
    parseIpAddress(match[1]!);
  } catch (error) {
    if (error instanceof HeartlineError) return undefined;
    throw error;
  }
  return { address: match[1]!, timeout, ...(match[3] && { group: match[3] }) };
}

/** Said once, to who has not yet found out what is to be given. */
const NOBODY: Line = [
  "warn",
  "Watching nobody: give --auto-register 30s to watch whoever sends, " +
  "or --client 127.0.0.1:5001=30s for each client",
  { type: "watching-nobody" },
];
const CLIENT = /^(.+)=([^,=]+)(?:,(.+))?$/;
const CHANGES: ReadonlySet<UdpServerEvent["type"]> = new Set<UdpServerEvent["type"]>([
  "registered",
  "up",
  "down",
  "group-down",
  "recovered",
  "forgotten",
]);
/** A crash loses so much of what was heard, in ms: more where many clients make a long file. */
const SHORTEST_INTERVAL = 1_000;
const LONGEST_INTERVAL = 5_000;
/** Saving takes a twentieth of the time at most. */
const MOST_SHARE = 20;

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

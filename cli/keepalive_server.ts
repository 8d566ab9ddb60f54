/**
 * `keepalive-server`: answers data messages, and probes clients that fall silent.
 *
 * @module
 */
import process from "node:process";
import type { KeepaliveServerEvent } from "../keepalive/events.ts";
import { serveKeepalive } from "../keepalive/server.ts";
import { keepaliveDetection } from "../keepalive/options.ts";
import {
  KEEPALIVE_OPTIONS,
  KEEPALIVE_POSITIONALS,
  type KeepaliveArguments,
  keepaliveConfig,
} from "./config/keepalive_config.ts";
import { detectionLine, keepaliveServerLines } from "./lines/keepalive.ts";
import { runCommand } from "./command/main.ts";
import { runServer, SERVER_OPTIONS } from "./command/serve.ts";
import { keepaliveMetrics } from "./metrics/service_metrics.ts";
import { keepaliveTable } from "./tables/watch_table.ts";

const COMMAND = {
  name: "keepalive-server",
  summary: "answers data messages, and probes clients that fall silent until they are dead",
  positionals: KEEPALIVE_POSITIONALS,
  options: { ...KEEPALIVE_OPTIONS, ...SERVER_OPTIONS },
  examples: [
    "keepalive-server",
    "keepalive-server 0.0.0.0 6520 --config keepalive.yaml",
    "keepalive-server --data-threshold 2s --heart-beat-threshold 1s --json",
  ],
  notes: async (given: KeepaliveArguments) => [
    `With these figures ${detectionLine(keepaliveDetection(await keepaliveConfig(given)))}.`,
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, environment) => {
    const { signal } = environment;
    const { host, ...config } = await keepaliveConfig(given);
    const detection = keepaliveDetection(config);
    const server = await serveKeepalive({ hostname: host, ...config, signal, dropPayloads: true });
    const view = {
      lines: (event: KeepaliveServerEvent) => keepaliveServerLines(event, detection),
      metrics: () => keepaliveMetrics(server),
      table: (limit: number) => keepaliveTable(server, limit),
    };
    return await runServer(server, view, given, environment);
  });
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));

/**
 * `seq-proxy`: stands between clients and a server and makes the network bad.
 *
 * @module
 */
import process from "node:process";
import { formatAddress } from "../core/address.ts";
import { HeartlineError } from "../core/errors.ts";
import type { ProxyTransport } from "../proxy/effects.ts";
import type { ProxyEvent } from "../proxy/events.ts";
import { overlaid } from "../proxy/faults.ts";
import { type ProxyOptions, serveProxy } from "../proxy/server.ts";
import { FAULT_OPTIONS, givenFaults } from "./config/fault_options.ts";
import { runCommand } from "./command/main.ts";
import { choice, file, flag, host, number, port, shownAs } from "./command/options.ts";
import { runServer, SERVER_OPTIONS } from "./command/serve.ts";
import { proxyMetrics } from "./metrics/service_metrics.ts";
import { eventTable } from "./tables/watch_table.ts";
import { keysOf, keysText, pressed, readKeys } from "./config/proxy_keys.ts";
import { proxyLine } from "./lines/proxy.ts";
import { readScheduleFile } from "./config/schedule_file.ts";

const COMMAND = {
  name: "seq-proxy",
  summary: "stands between clients and a server; stopping it cuts, starting it again heals",
  positionals: {
    PROXY_PORT: port("port to listen on, 0 for any free one", 49_156),
    SERVER_PORT: port("port of the server", 49_155),
  },
  options: {
    host: host("address to listen on", "127.0.0.1"),
    "server-host": host("address or name of the server", "127.0.0.1"),
    transport: shownAs(
      choice("what is carried", ["tcp", "udp", "both"], undefined),
      "tcp",
    ),
    udp: flag("carry UDP, as --transport udp does"),
    seed: number("makes all chances repeatable; printed at the start", undefined, {
      min: 0,
      max: 2 ** 32 - 1,
      integer: true,
    }),
    schedule: file("YAML file of faults that come and go"),
    ...FAULT_OPTIONS,
    "no-keys": flag("do not read keys from standard input"),
    ...SERVER_OPTIONS,
  },
  examples: [
    "seq-proxy 49156 49155",
    "seq-proxy --latency 50ms --jitter 20ms --direction down",
    "seq-proxy 6501 6500 --udp --loss 0.2 --burst 5 --seed 7",
    "seq-proxy --schedule faults.yaml --json",
  ],
};

/** Runs the command and returns its exit code. */
export function main(args: readonly string[]): Promise<number> {
  return runCommand(COMMAND, args, async (given, environment) => {
    const { log, signal } = environment;
    const file = given.schedule === undefined ? undefined : await readScheduleFile(given.schedule);
    const { faults = {}, steps = [] } = file ?? {};
    const sets = steps.flatMap(({ set }) => set ? [set] : []);
    const transport = carried(given);
    const seed = given.seed ?? file?.seed;
    const stop = new AbortController();
    const options: ProxyOptions = {
      listen: { hostname: given.host, port: given.PROXY_PORT },
      upstream: { hostname: given["server-host"], port: given.SERVER_PORT },
      transport,
      faults: overlaid(faults, givenFaults(given, transport, [faults, ...sets])),
      schedule: steps,
      signal: AbortSignal.any([signal, stop.signal]),
      ...(seed !== undefined && { seed }),
    };
    const proxy = await serveProxy(options);
    log("info", `Seed ${proxy.seed}`, { type: "seed", seed: proxy.seed });
    const keys = keysOf(transport);
    const list = (): void => log("info", keysText(keys), { type: "keys", keys });
    const press = (key: string): void => {
      if (!pressed(key, proxy, () => stop.abort())) list();
    };
    if (!given["no-keys"]) list();
    const release = given["no-keys"] ? undefined : readKeys(press);
    try {
      const upstream = formatAddress({
        hostname: given["server-host"],
        port: given.SERVER_PORT,
      });
      const view = {
        lines: (event: ProxyEvent) => [proxyLine(event, upstream)],
        metrics: () => proxyMetrics(proxy),
        table: () => eventTable(proxy, `${proxy.links} links are open`),
      };
      return await runServer(proxy, view, given, environment);
    } finally {
      release?.();
    }
  });
}

/** What is carried; two options that say different things are a mistake. */
function carried(
  { udp, transport }: { readonly udp: boolean; readonly transport: ProxyTransport | undefined },
): ProxyTransport {
  if (!udp || transport === undefined || transport === "udp") {
    return udp ? "udp" : transport ?? "tcp";
  }
  throw new HeartlineError(
    "invalid-option",
    `Cannot use --udp: wanted it without --transport, current value is ${transport}`,
  );
}

// Not by `exitCode`: on Deno a read of standard input that was begun keeps the process from ending.
if (import.meta.main) process.exit(await main(process.argv.slice(2)));

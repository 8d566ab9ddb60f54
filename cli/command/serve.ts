/**
 * The life of every command that serves: its events become lines or a live table, its numbers metrics.
 *
 * @module
 */
import type { Service } from "../../core/service.ts";
import type { JsonLine } from "../lines/json_lines.ts";
import { type Environment, EXIT, type Line, logEvents } from "./main.ts";
import type { MetricsPage } from "../metrics/http_server.ts";
import type { Metric } from "../metrics/open_metrics.ts";
import { complain, onOutputEnd, outputEnd } from "./output.ts";
import { flag, port, type Values } from "./options.ts";
import { commonMetrics } from "../metrics/service_metrics.ts";
import { openTerminal, type Terminal } from "./terminal.ts";
import { Watch } from "../tables/watch.ts";
import type { WatchTable } from "../tables/watch_table.ts";

/** The options that every command which serves has. */
export const SERVER_OPTIONS = {
  watch: flag("show a live table; the usual lines where standard output is no terminal"),
  metrics: port("serve OpenMetrics on this port of 127.0.0.1, 0 for any free one", undefined),
};

/** What is given for them. */
type ServerArguments = Values<typeof SERVER_OPTIONS> & { readonly json: boolean };

/** How a server is shown. */
export interface ServerView<Event> {
  /** The lines for an event. */
  lines(event: Event): readonly Line[];
  /** The metrics it has besides those of every server. */
  metrics(): readonly Metric[];
  /** Its live table, with `limit` rows at most. */
  table(limit: number): WatchTable;
}

/**
 * Shows a server until it ends, and returns the exit code; one that cannot be shown as asked is closed. One
 * that can tell nobody any more has failed: a supervisor must see that and start it again.
 */
export async function runServer<Event extends JsonLine>(
  server: Service<Event>,
  view: ServerView<Event>,
  given: ServerArguments,
  environment: Environment,
): Promise<number> {
  const { log, redirect } = environment;
  const release = onOutputEnd(() => void server.close());
  let page: MetricsPage | undefined;
  let watch: Watch | undefined;
  try {
    if (given.metrics !== undefined) {
      // Loaded for this alone: `node:http` would take a sixth of every other start.
      const { MetricsPage } = await import("../metrics/http_server.ts");
      page = await MetricsPage.open(given.metrics, () => [
        ...commonMetrics(server),
        ...view.metrics(),
      ]);
    }
    const terminal = watchedOn(given);
    if (terminal) {
      watch = new Watch(terminal, server.name, view.table);
      redirect((level, text) => watch!.say(level, text));
    }
    if (page) log("info", `Metrics are on ${page.url}`, { type: "metrics", url: page.url });
    await logEvents(server, environment, view.lines);
  } finally {
    release();
    watch?.close();
    redirect(undefined);
    await server.close();
    await page?.close();
  }
  const end = outputEnd();
  if (end === "nobody-reads") complain("Stopped: nobody reads standard output any more");
  return end ? EXIT.failed : EXIT.done;
}

/** The terminal for a live table; `undefined` if none is asked for, or possible. */
export function watchedOn({ watch, json }: ServerArguments): Terminal | undefined {
  return watch && !json ? openTerminal() : undefined;
}

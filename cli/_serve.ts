/**
 * The life of every command that serves: its events become lines, its numbers metrics.
 *
 * This file knows what runs beside a server, and that all of it ends with it. It does not know what is
 * served.
 *
 * @module
 */
import type { Service } from "../core/service.ts";
import type { Happening, Log } from "./_log.ts";
import { type Line, logEvents } from "./_main.ts";
import { MetricsPage } from "./_metrics.ts";
import type { Metric } from "./_open_metrics.ts";
import { port } from "./_options.ts";
import { commonMetrics } from "./_service_metrics.ts";

/** The options that every command which serves has. */
export const SERVER_OPTIONS = {
  metrics: port("serve OpenMetrics on this port of 127.0.0.1, 0 for any free one", undefined),
};

/** How a server is shown. */
export interface ServerView<Event> {
  /** The lines for an event. */
  lines(event: Event): readonly Line[];
  /** The metrics it has besides those of every server. */
  metrics(): readonly Metric[];
}

/** Shows a server until it ends; one that cannot be shown as asked is closed. */
export async function runServer<Event extends Happening>(
  server: Service<Event>,
  view: ServerView<Event>,
  given: { readonly metrics: number | undefined },
  log: Log,
): Promise<void> {
  let page: MetricsPage | undefined;
  try {
    if (given.metrics !== undefined) {
      page = await MetricsPage.open(given.metrics, () => [
        ...commonMetrics(server),
        ...view.metrics(),
      ]);
      log("info", `Metrics are on ${page.url}`, { type: "metrics", url: page.url });
    }
    await logEvents(server, log, view.lines);
  } finally {
    await server.close();
    await page?.close();
  }
}

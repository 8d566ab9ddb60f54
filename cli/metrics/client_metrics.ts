/**
 * Heartbeat clients as metrics: a series for each client.
 *
 * @module
 */
import type { ReceptionReport } from "../../core/reception_statistics.ts";
import { gauge, type Metric, type Sample } from "./open_metrics.ts";

/** What is shown of a client of either heartbeat protocol. */
export interface ClientView {
  /** Its address as `host:port`. */
  readonly client: string;
  /** `up`, `waiting` if it was never heard, or another word. */
  readonly state: string;
  /** Milliseconds since it was last heard. */
  readonly silentFor: number;
  /** How often it was said to be down. */
  readonly downCount: number;
  /** How its heartbeats arrive. */
  readonly reception: ReceptionReport;
}

/** The metrics of some clients. */
export function clientMetrics(views: readonly ClientView[]): Metric[] {
  const each = (value: (view: ClientView) => number): Sample[] =>
    views.map((view) => ({ labels: { client: view.client }, value: value(view) }));
  return [
    gauge(
      "heartline_client_up",
      "0 while a client is down or disconnected, 1 otherwise, also before it was first heard.",
      each(({ state }) => Number(state === "up" || state === "waiting")),
    ),
    {
      name: "heartline_client_downs",
      type: "counter",
      help: "How often a client was said to be down.",
      samples: each(({ downCount }) => downCount),
    },
    gauge(
      "heartline_client_silence_seconds",
      "Time since a client was last heard.",
      each(({ silentFor }) => silentFor / 1000),
      "seconds",
    ),
    gauge(
      "heartline_client_loss_ratio",
      "Share of a client's messages that are missing, 0 to 1.",
      each(({ reception }) => reception.loss),
      "ratio",
    ),
    gauge(
      "heartline_client_jitter_seconds",
      "Interarrival jitter of a client's messages, RFC 3550 section 6.4.1.",
      each(({ reception }) => reception.jitter / 1000),
      "seconds",
    ),
    {
      name: "heartline_client_delay_seconds",
      type: "summary",
      unit: "seconds",
      help: "Delay of a client's messages beyond its fastest recent one.",
      samples: views.flatMap(({ client, reception: { delay } }) => [
        { labels: { client, quantile: "0.5" }, value: delay.p50 / 1000 },
        { labels: { client, quantile: "0.99" }, value: delay.p99 / 1000 },
        { labels: { client, quantile: "1.0" }, value: delay.max / 1000 },
      ]),
    },
  ];
}

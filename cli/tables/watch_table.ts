/**
 * What a live table shows of each kind of server.
 *
 * @module
 */
import { countStates } from "../../core/state_counts.ts";
import type { Service } from "../../core/service.ts";
import type { KeepaliveServer } from "../../keepalive/server.ts";
import { formatDuration } from "../command/duration.ts";
import type { JsonLine } from "../lines/json_lines.ts";
import type { ClientView } from "../metrics/client_metrics.ts";

/** A table at one moment. */
export interface WatchTable {
  /** All of it in a few words. */
  readonly summary: string;
  /** The names of the columns, the most important ones first. */
  readonly heads: readonly string[];
  /** The name of one more, in which trends are drawn. */
  readonly trend?: string;
  /** The rows, or as many as were asked for. */
  readonly rows: readonly WatchRow[];
  /** How many rows there are. */
  readonly total: number;
}

/** A row: its name, its state, and what else the heads say. */
export interface WatchRow {
  readonly name: string;
  readonly state: string;
  /** How good that state is. */
  readonly health: "good" | "unsure" | "bad";
  readonly cells: readonly string[];
  /** What the trend is drawn of, and a number that changes with every new value. */
  readonly trend?: { readonly value: number; readonly mark: number };
}

/** A server of heartbeats, as far as a table needs it. */
export interface HeartbeatSource {
  /** How many clients are in each state. */
  stateCounts(): Readonly<Record<string, number>>;
  /** Reports of `limit` clients. */
  clients(limit: number): readonly ClientView[];
}

/** The clients of a server of heartbeats, over UDP or TCP. */
export function heartbeatTable(server: HeartbeatSource, limit: number): WatchTable {
  return {
    ...summed(server.stateCounts()),
    heads: ["client", "state", "downs", "silent for", "loss", "jitter", "delay"],
    trend: "delays",
    rows: server.clients(limit).map(({ client, state, downCount, silentFor, reception }) => ({
      name: client,
      state: state.toUpperCase(),
      health: state === "up" ? "good" : state === "waiting" ? "unsure" : "bad",
      cells: [
        String(downCount),
        formatDuration(silentFor),
        `${(reception.loss * 100).toFixed(1)} %`,
        `${reception.jitter.toFixed(2)} ms`,
        formatDuration(reception.delay.last),
      ],
      trend: { value: reception.delay.last, mark: reception.received },
    })),
  };
}

/** The clients of a server of keepalive connections. */
export function keepaliveTable(
  server: Pick<KeepaliveServer, "clients">,
  limit: number,
): WatchTable {
  const reports = server.clients();
  const states = countStates(reports.map(({ phase }) => ({ state: phase })), ["data", "heartbeat"]);
  return {
    ...summed(states),
    heads: ["client", "phase", "missed", "silent for", "round trip", "unsent"],
    trend: "round trips",
    rows: reports.slice(0, limit).map((report) => ({
      name: report.client,
      state: report.phase.toUpperCase(),
      health: report.missed > 0 ? "bad" : report.phase === "heartbeat" ? "unsure" : "good",
      cells: [
        String(report.missed),
        formatDuration(report.silentFor),
        report.rtt === undefined ? "" : formatDuration(report.rtt),
        `${report.unsent} B`,
      ],
      ...(report.rtt !== undefined && { trend: { value: report.rtt, mark: report.rtt } }),
    })),
  };
}

/** What happened so far, for servers whose clients come and go; `summary` says how many there are. */
export function eventTable(
  service: Pick<Service<JsonLine>, "counters">,
  summary: string,
): WatchTable {
  const events = Object.entries(service.counters().events);
  return {
    summary,
    heads: ["event", "so far"],
    rows: events.map(([name, count]) => ({
      name,
      state: String(count),
      health: "good",
      cells: [],
    })),
    total: events.length,
  };
}

function summed(states: Readonly<Record<string, number>>): Pick<WatchTable, "summary" | "total"> {
  const total = Object.values(states).reduce((sum, count) => sum + count, 0);
  const parts = Object.entries(states).map(([state, count]) => `${count} ${state}`);
  return { summary: `${total} ${total === 1 ? "client" : "clients"}: ${parts.join(", ")}`, total };
}

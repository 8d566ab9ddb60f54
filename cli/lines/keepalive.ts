/**
 * Keepalive events as lines for people.
 *
 * @module
 */
import type {
  KeepaliveClientEvent,
  KeepaliveConnectionEvent,
  KeepaliveEnd,
  KeepaliveRemote,
  KeepaliveServerEvent,
} from "../../keepalive/events.ts";
import type { KeepaliveDetection } from "../../keepalive/options.ts";
import { formatDuration } from "../command/duration.ts";
import type { Line } from "../command/main.ts";

type Ended = Extract<KeepaliveConnectionEvent, { type: "disconnected" }>;

/** The lines for an event of the server. */
export function keepaliveServerLines(
  event: KeepaliveServerEvent,
  detection: KeepaliveDetection,
): Line[] {
  switch (event.type) {
    case "listening":
      return [[
        "info",
        `Listening on ${event.hostname}:${event.port}; ${detectionLine(detection)}`,
      ]];
    case "connected":
      return [["info", `${event.client} is connected`]];
    case "rejected":
      return [["warn", `Refused ${event.count} connections: as many as allowed are open`]];
    case "accept-failed":
      return [["warn", `${event.message} (${event.count} connections)`]];
    case "disconnected":
      return [[gravityOf(event), endLine(event)]];
    default:
      return commonLines(event);
  }
}

/** The lines for an event of the client. */
export function keepaliveClientLines(
  event: KeepaliveClientEvent,
  detection: KeepaliveDetection,
): Line[] {
  switch (event.type) {
    case "connected": {
      const line = `Connected to ${event.server} from ${event.local}; ${detectionLine(detection)}`;
      return [["info", line, { ...event, detection: detection.fromData }]];
    }
    case "disconnected":
      return [["error", endLine(event)]];
    default:
      return commonLines(event);
  }
}

/** What the figures lead to, for the start-up line and the help. */
export function detectionLine({ fromData, fromHeartbeat }: KeepaliveDetection): string {
  return `a peer that falls silent is declared dead ${
    formatDuration(fromData)
  } after it was last ` +
    `heard (${formatDuration(fromHeartbeat)} if heartbeats are going on)`;
}

function commonLines(
  event: Exclude<
    KeepaliveConnectionEvent | Extract<KeepaliveClientEvent, { type: "stalled" }>,
    { type: "connected" | "disconnected" }
  >,
): Line[] {
  switch (event.type) {
    case "sent":
      return [["info", `Sent data ${event.id} to ${nameOf(event)}: ${shown(event.payload)}`]];
    case "data":
      return [["info", `Received data ${event.id} from ${nameOf(event)}: ${shown(event.payload)}`]];
    case "reply":
      return [["info", `Reply ${event.id} from ${nameOf(event)}${after(event.rtt)}`]];
    case "phase":
      return [phaseLine(event)];
    case "down":
      // For programs: people read it in the line of `disconnected`, which follows.
      return [["warn", ""]];
    case "probe":
      return [["info", `Heartbeat ${event.id} sent to ${nameOf(event)}`]];
    case "probe-answered":
      return [["info", `Heartbeat ${event.id} answered by ${nameOf(event)}${after(event.rtt)}`]];
    case "probe-missed": {
      const { id, inARow, limit } = event;
      const peer = nameOf(event);
      return [["warn", `Heartbeat ${id} to ${peer} was not answered (${inARow} of ${limit})`]];
    }
    case "probes-only": {
      const { noDataFor, unreplied } = event;
      const waiting = unreplied === 0 ? "" : `; ${unreplied} data messages of ours have no reply`;
      const silence = formatDuration(noDataFor);
      return [["warn", `${nameOf(event)} is alive but has sent no data for ${silence}${waiting}`]];
    }
    case "stalled": {
      const by = formatDuration(event.by);
      return [["warn", `This process stalled for ${by}: every verdict was put off by as much`]];
    }
  }
}

function phaseLine(event: Extract<KeepaliveConnectionEvent, { type: "phase" }>): Line {
  const silence = formatDuration(event.silentFor);
  return event.phase === "heartbeat"
    ? ["warn", `Heard nothing from ${nameOf(event)} for ${silence}: heartbeats begin`]
    : ["info", `Data from ${nameOf(event)} flows again after ${silence}`];
}

function endLine(event: Ended): string {
  const { reason, said, silentFor } = event, peer = nameOf(event);
  switch (reason) {
    case "silent":
      return `${peer} is DEAD: silent for ${formatDuration(silentFor)}, connection terminated`;
    case "terminated":
      return `${peer} terminated the connection: ${said === "" ? "no reason given" : said}`;
    case "user-code":
      return `Terminated the connection to ${peer}: the code that answers it failed: ${said}`;
    case "end":
      return `${peer} closed the connection`;
    case "reset":
      return `${peer} dropped the connection`;
    default:
      return `Terminated the connection to ${peer}: ${REASONS[reason] ?? reason}`;
  }
}

function nameOf(remote: KeepaliveRemote): string {
  return "client" in remote ? remote.client : remote.server;
}

/** A client that ends as clients do is no cause for alarm on a server. */
function gravityOf({ reason, said }: Ended): "info" | "warn" {
  return reason === "end" || (reason === "terminated" && said === "closed") ? "info" : "warn";
}

function after(rtt: number | undefined): string {
  return rtt === undefined ? "" : ` after ${formatDuration(rtt)}`;
}

/** A payload on one line, and not for ever: it comes from the network. */
function shown(payload: string): string {
  const text = JSON.stringify(payload);
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}...`;
}

const REASONS: Partial<Record<KeepaliveEnd, string>> = {
  "malformed": "it sent something else than messages",
  "too-long": "it sent a line without an end",
  "not-reading": "it does not read what is sent to it",
};
const MOST_SHOWN = 120;

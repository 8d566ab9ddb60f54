/**
 * TCP heartbeat events as lines for people, in the sentences of seed 001 where it has one, so that
 * scripts which read them go on working. Where several clients may be meant, the client follows in
 * brackets.
 *
 * @module
 */
import type {
  NumberRun,
  TcpClientEvent,
  TcpLossReason,
  TcpRejection,
  TcpServerEvent,
} from "../../tcp/events.ts";
import { formatDuration } from "../command/duration.ts";
import type { Line } from "../command/main.ts";

/** The lines for an event of the server. */
export function tcpServerLines(event: TcpServerEvent): Line[] {
  switch (event.type) {
    case "listening":
      return [["info", `Awaiting connection from client on port ${event.port}...`]];
    case "connected":
      return [["info", `Accepted connection from ('${event.hostname}', ${event.port})`]];
    case "up":
      // For programs: people read that its first heartbeat was received.
      return [["info", ""]];
    case "beat":
      return beatLines(event);
    case "missed":
      return [[
        "warn",
        `Missed heartbeat(s) with sequence number ${pythonTuple(event)} (${event.client})`,
      ]];
    case "duplicated":
      return [["warn", `Received heartbeat(s) again: ${numbers(event)} (${event.client})`]];
    case "restarted": {
      const { from, to, client } = event;
      return [["info", `Client restarted its numbering from #${from} at #${to} (${client})`]];
    }
    case "late": {
      const held = formatDuration(event.delay);
      return [[
        "warn",
        `Heartbeat(s) ${numbers(event)} were held back for up to ${held} (${event.client})`,
      ]];
    }
    case "down": {
      const { client, silentFor, timeout } = event;
      const limit = formatDuration(timeout);
      return [["warn", `${client} is SILENT for ${formatDuration(silentFor)}, limit ${limit}`]];
    }
    case "recovered": {
      const silence = formatDuration(event.silentFor);
      return [["info", `${event.client} is heard again after ${silence} of silence`]];
    }
    case "clock-unusable":
      return [[
        "warn",
        `The clock of ${event.client} is of no use: its heartbeats are believed, their times are not`,
      ]];
    case "rejected":
      return [["warn", `Closed ${event.client}: ${REASONS[event.reason]}`]];
    case "disconnected": {
      const { client, reason } = event;
      const said = reason === "end" || reason === "reset"
        ? "No data received. Connection likely closed by client."
        : "Connection closed by this server.";
      return [["warn", `${said} (${client}, ${reason})`]];
    }
    case "stalled": {
      const by = formatDuration(event.by);
      return [["warn", `This process stalled for ${by}: every deadline was moved by as much`]];
    }
    case "accept-failed":
      return [["warn", `${event.message} (${event.count} connections)`]];
  }
}

function beatLines(event: Extract<TcpServerEvent, { type: "beat" }>): Line[] {
  const { client, sequence, transit, receivedAt, text } = event;
  const milliseconds = transit.toFixed(4);
  return [
    ["info", `Received data at ${seconds(receivedAt)}: '${text}' (${client})`],
    ["debug", `Message took ${milliseconds}ms to be received. (${client})`, {
      type: "transit",
      client,
      sequence,
      transit,
    }],
  ];
}

/** The lines for an event of the client, which sends to `port` and may ask for acknowledgements. */
export function tcpClientLines(
  event: TcpClientEvent,
  { port, ack }: { port: number; ack: boolean },
): Line[] {
  switch (event.type) {
    case "connecting":
      return [["debug", `Connecting to ${event.server}, attempt ${event.attempt}`]];
    case "connected":
      return [["info", `Successfully connected to ${event.server}`]];
    case "connect-failed":
      return [["warn", `${noServer(port)} Trying again in ${formatDuration(event.retryIn)}.`]];
    case "sent":
      return [["info", event.text.trimEnd()]];
    case "skipped":
      return [["warn", `This process was stopped: ${event.count} heartbeats were not sent`]];
    case "acked":
      return [["debug", `Heartbeat #${event.sequence} confirmed in ${formatDuration(event.rtt)}`]];
    case "unconfirmed":
      return [["warn", `The server did not confirm heartbeat(s) ${numbers(event)}`]];
    case "disconnected": {
      const next = event.retryIn === undefined
        ? ""
        : ` Connecting again in ${formatDuration(event.retryIn)}.`;
      return [["warn", `${LOSSES[event.reason] ?? lost(event.reason)}${next}`]];
    }
    case "stalled":
      return [["warn", `This process stalled for ${formatDuration(event.by)}`]];
    case "done":
      return [["info", `Sent ${event.sent} heartbeats${ack ? `, ${event.acked} confirmed` : ""}`]];
    case "failed":
      return [["error", event.message]];
  }
}

/** What is said where no server answers. */
export function noServer(port: number): string {
  return `Failed to connect to server. Please make sure server is running on port ${port}.`;
}

function lost(reason: TcpLossReason): string {
  return `The connection was lost (${reason}).`;
}

/** Numbers as the seed prints them, cut where nobody would read on. */
function pythonTuple({ from, to }: NumberRun): string {
  if (from === to) return `(${from},)`;
  const shown = Array.from(
    { length: Math.min(to - from + 1, MOST_NUMBERS) },
    (_, index) => from + index,
  );
  return shown.at(-1) === to ? `(${shown.join(", ")})` : `(${shown.join(", ")}, ..., ${to})`;
}

function numbers({ from, to, count }: NumberRun): string {
  return from === to ? `#${from}` : `#${from} to #${to} (${count})`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(4);
}

const REASONS: Readonly<Record<TcpRejection, string>> = {
  "malformed": "it sent something else than heartbeats",
  "too-long": "it sent a message without an end",
  "not-reading": "it does not read what is sent to it",
  "too-many-clients": "as many clients as allowed are connected",
};

const ABRUPT = "Failed to send heartbeat to server. Server may have abruptly closed.";
const LOSSES: Partial<Record<TcpLossReason, string>> = {
  "end": ABRUPT,
  "reset": ABRUPT,
  "ack-timeout": "The server confirms nothing any more.",
  "not-reading": "The server takes no more bytes.",
  "malformed": "The server sent something else than acknowledgements.",
};
const MOST_NUMBERS = 64;

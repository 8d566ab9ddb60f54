import { assertEquals } from "@std/assert";
import { keepaliveServerLines } from "../../cli/lines/keepalive.ts";
import type { KeepaliveServerEvent } from "../../keepalive/events.ts";

const client = "10.0.0.7:5001";
const ended = {
  type: "disconnected",
  client,
  said: undefined,
  silentFor: 60_000,
  connectedFor: 90_000,
};

/** Each row: an event of the server, and its sentence as `level text`. */
const SERVER: readonly (readonly [KeepaliveServerEvent, string])[] = [
  [
    { type: "rejected", client, reason: "too-many-clients", count: 3 },
    "warn Refused 3 connections: as many as allowed are open",
  ],
  [
    { type: "accept-failed", code: "io", message: "Cannot accept", count: 2 },
    "warn Cannot accept (2 connections)",
  ],
  [
    { type: "probes-only", client, noDataFor: 60_000, unreplied: 0 },
    `warn ${client} is alive but has sent no data for 60 s`,
  ],
  [
    { type: "probes-only", client, noDataFor: 60_000, unreplied: 2 },
    `warn ${client} is alive but has sent no data for 60 s; 2 data messages of ours have no reply`,
  ],
  [
    { type: "stalled", by: 2_000 },
    "warn This process stalled for 2 s: every verdict was put off by as much",
  ],
  [
    { type: "phase", client, phase: "heartbeat", silentFor: 20_000 },
    `warn Heard nothing from ${client} for 20 s: heartbeats begin`,
  ],
  [
    { type: "phase", client, phase: "data", silentFor: 20_000 },
    `info Data from ${client} flows again after 20 s`,
  ],
  [{ type: "reply", client, id: 3, payload: "", rtt: undefined }, `info Reply 3 from ${client}`],
  [
    { type: "data", client, id: 1, payload: "x".repeat(500) },
    `info Received data 1 from ${client}: "${"x".repeat(119)}...`,
  ],
];

/** Each row: why a connection ended, what the peer said, and the sentence. */
const ENDS: readonly (readonly [object, string])[] = [
  [{ reason: "silent" }, `warn ${client} is DEAD: silent for 60 s, connection terminated`],
  [{ reason: "terminated", said: "" }, `warn ${client} terminated the connection: no reason given`],
  [{ reason: "terminated", said: "closed" }, `info ${client} terminated the connection: closed`],
  [{ reason: "end" }, `info ${client} closed the connection`],
  [{ reason: "reset" }, `warn ${client} dropped the connection`],
  [
    { reason: "too-long" },
    `warn Terminated the connection to ${client}: it sent a line without an end`,
  ],
  [{ reason: "unreachable" }, `warn Terminated the connection to ${client}: unreachable`],
];

const ALL = [
  ...SERVER,
  ...ENDS.map(([end, line]) => [{ ...ended, ...end } as KeepaliveServerEvent, line] as const),
];

for (const [event, sentence] of ALL) {
  Deno.test(`the keepalive server says: ${sentence.slice(0, 90)}`, { permissions: "none" }, () => {
    const lines = keepaliveServerLines(event, {
      fromData: 60_000,
      fromHeartbeat: 45_000,
      sparesStallsBelow: 40_000,
    });
    assertEquals(lines.map((line) => line.join(" ")), [sentence]);
  });
}

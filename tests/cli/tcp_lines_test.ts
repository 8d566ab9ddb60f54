import { assertEquals } from "@std/assert";
import { tcpClientLines, tcpServerLines } from "../../cli/lines/tcp.ts";
import type { TcpClientEvent, TcpServerEvent } from "../../tcp/events.ts";

const client = "10.0.0.7:5001", server = "srv:1";
const run = { client, from: 2, to: 4, count: 3 };

/** Each row: an event of the server, and its sentence as `level text`. */
const SERVER: readonly (readonly [TcpServerEvent, string])[] = [
  [
    { type: "missed", client, from: 2, to: 2, count: 1 },
    `warn Missed heartbeat(s) with sequence number (2,) (${client})`,
  ],
  [
    { type: "missed", ...run },
    `warn Missed heartbeat(s) with sequence number (2, 3, 4) (${client})`,
  ],
  [
    { type: "duplicated", ...run },
    `warn Received heartbeat(s) again: #2 to #4 (3) (${client})`,
  ],
  [
    { type: "restarted", client, from: 9, to: 1, count: 1 },
    `info Client restarted its numbering from #9 at #1 (${client})`,
  ],
  [
    { type: "late", client, from: 2, to: 2, count: 1, delay: 1_500 },
    `warn Heartbeat(s) #2 were held back for up to 1.5 s (${client})`,
  ],
  [
    { type: "rejected", client, reason: "malformed", count: 1 } as TcpServerEvent,
    `warn Closed ${client}: it sent something else than heartbeats`,
  ],
  [
    { type: "stalled", by: 2_000 },
    "warn This process stalled for 2 s: every deadline was moved by as much",
  ],
  [
    { type: "accept-failed", code: "io", message: "Cannot accept: no room", count: 3 },
    "warn Cannot accept: no room (3 connections)",
  ],
];

/** Each row: an event of a client that asks for acknowledgements, and its sentence. */
const CLIENT: readonly (readonly [TcpClientEvent, string])[] = [
  [
    { type: "skipped", count: 5 },
    "warn This process was stopped: 5 heartbeats were not sent",
  ],
  [
    { type: "unconfirmed", from: 2, to: 4, count: 3 },
    "warn The server did not confirm heartbeat(s) #2 to #4 (3)",
  ],
  [
    { type: "disconnected", server, reason: "ack-timeout", retryIn: 250 },
    "warn The server confirms nothing any more. Connecting again in 250 ms.",
  ],
  [
    { type: "disconnected", server, reason: "unreachable", retryIn: undefined },
    "warn The connection was lost (unreachable).",
  ],
  [{ type: "stalled", by: 2_000 }, "warn This process stalled for 2 s"],
  [{ type: "done", sent: 3, acked: 2 }, "info Sent 3 heartbeats, 2 confirmed"],
  [
    { type: "failed", code: "timed-out", message: "Cannot send heartbeats" },
    "error Cannot send heartbeats",
  ],
];

for (const [event, sentence] of SERVER) {
  Deno.test(`the server of TCP heartbeats says: ${sentence}`, { permissions: "none" }, () => {
    assertEquals(tcpServerLines(event).map(([level, text]) => `${level} ${text}`), [sentence]);
  });
}

for (const [event, sentence] of CLIENT) {
  Deno.test(`a client of TCP heartbeats says: ${sentence}`, { permissions: "none" }, () => {
    const lines = tcpClientLines(event, { port: 1, ack: true });
    assertEquals(lines.map(([level, text]) => `${level} ${text}`), [sentence]);
  });
}

Deno.test("numbers that nobody would read are left out of the sentence", {
  permissions: "none",
}, () => {
  const [[, text]] = tcpServerLines({ type: "missed", client, from: 1, to: 100, count: 100 }) as [
    readonly [string, string],
  ];
  assertEquals(text.slice(-32), `63, 64, ..., 100) (${client})`.slice(-32));
});

Deno.test("what is not confirmed is not counted for who asks for no acknowledgement", {
  permissions: "none",
}, () => {
  const [line] = tcpClientLines({ type: "done", sent: 3, acked: 0 }, { port: 1, ack: false });
  assertEquals(line, ["info", "Sent 3 heartbeats"]);
});

import { assertEquals } from "@std/assert";
import {
  handshakeClientLine,
  handshakeFault,
  handshakeServerLine,
} from "../../cli/lines/handshake.ts";
import type { HandshakeClientEvent, HandshakeServerEvent } from "../../handshake/events.ts";

const client = "10.0.0.7:5001", from = client, transport = "udp";

/** Each row: an event of the server, and its sentence as `level text`. */
const SERVER: readonly (readonly [HandshakeServerEvent, string])[] = [
  [
    { type: "repeated", id: "7", client, transport, expiresIn: 1_000 },
    `debug OK 7 again: ${client} has it for 1 s more`,
  ],
  [
    { type: "refused", id: "7", client, transport, expiresIn: 1_000 },
    `info RESET 7 for ${client} (udp): in use for 1 s more`,
  ],
  [
    { type: "refused", id: "7", client, transport, expiresIn: 0 },
    `info RESET 7 for ${client} (udp): there is no room`,
  ],
  [
    { type: "rejected", from, reason: "too-long", count: 1 },
    `warn Rejected a request from ${from}: longer than any HELLO`,
  ],
  [
    { type: "rejected", from, reason: "too-long", count: 3 },
    `warn Rejected 3 requests, the last one from ${from}: longer than any HELLO`,
  ],
  [
    { type: "accept-failed", code: "io", message: "Cannot accept", count: 2 },
    "warn Cannot accept (2 connections)",
  ],
  [{ type: "stalled", by: 2_000 }, "warn This process stalled for 2 s"],
];

/** Each row: an event of the client, and its sentence. */
const CLIENT: readonly (readonly [HandshakeClientEvent, string])[] = [
  [
    { type: "ignored", reason: "other-id", count: 1 },
    "debug Ignored a message: a reply for another id",
  ],
  [
    { type: "ignored", reason: "other-sender", count: 4 },
    "debug Ignored 4 messages: not from the server",
  ],
  [
    { type: "send-failed", code: "io", message: "Cannot send", count: 2 },
    "debug Cannot send (2 times); the try goes on",
  ],
  [{ type: "stalled", by: 2_000 }, "debug This process stalled for 2 s"],
];

for (const [event, sentence] of SERVER) {
  Deno.test(`the handshake server says: ${sentence}`, { permissions: "none" }, () => {
    assertEquals(handshakeServerLine(event).join(" "), sentence);
  });
}

for (const [event, sentence] of CLIENT) {
  Deno.test(`a handshake client says: ${sentence}`, { permissions: "none" }, () => {
    assertEquals(handshakeClientLine(event, "12:00").join(" "), sentence);
  });
}

Deno.test("a failed try is explained, by the adapter's own words where there are any", {
  permissions: "none",
}, () => {
  const told = [
    handshakeFault({ reason: "timed-out", message: "Cannot send: no route" }),
    ...(["reset", "timed-out", "ended"] as const).map((reason) => handshakeFault({ reason })),
  ];
  assertEquals(told, [
    "Cannot send: no route",
    "the id is in use",
    "no reply in time",
    "the server closed the connection without a reply",
  ]);
});

import { assertEquals } from "@std/assert";
import { udpClientLine, udpServerLine } from "../../cli/lines/udp.ts";
import type { UdpClientEvent, UdpServerEvent } from "../../udp/events.ts";

const client = "10.0.0.7:5001", from = client;

/** Each row: an event of the server, and its sentence as `level text`. */
const SERVER: readonly (readonly [UdpServerEvent, string])[] = [
  [
    { type: "group-down", group: "rack 3", clients: [client, "b:2"], silentFor: 2_000 },
    "warn Group rack 3 is DOWN: 2 clients silent for 2 s",
  ],
  [
    { type: "forgotten", client } as UdpServerEvent,
    `info ${client} is no longer watched: it was down for too long`,
  ],
  [
    { type: "rejected", from, reason: "unregistered", count: 1 } as UdpServerEvent,
    `warn Ignored a datagram from ${from}: the sender is not registered`,
  ],
  [
    { type: "rejected", from, reason: "unregistered", count: 5 } as UdpServerEvent,
    `warn Ignored 5 datagrams, the last one from ${from}: the sender is not registered`,
  ],
  [
    { type: "stalled", by: 2_000 },
    "warn This process stalled for 2 s: every deadline was moved by as much",
  ],
  [
    { type: "overflowed", count: 5 },
    "warn Our own socket buffer overflowed: 5 datagrams were lost here, not on the way",
  ],
];

/** Each row: an event of the client, and its sentence. */
const CLIENT: readonly (readonly [UdpClientEvent, string])[] = [
  [
    { type: "send-failed", message: "Cannot send" } as UdpClientEvent,
    "warn Cannot send; trying again in the next period",
  ],
  [
    { type: "skipped", bursts: 4 },
    "warn This process was stopped: 4 heartbeat messages were not sent",
  ],
];

for (const [event, sentence] of SERVER) {
  Deno.test(`the server of UDP heartbeats says: ${sentence}`, { permissions: "none" }, () => {
    assertEquals(udpServerLine(event).join(" "), sentence);
  });
}

for (const [event, sentence] of CLIENT) {
  Deno.test(`a client of UDP heartbeats says: ${sentence}`, { permissions: "none" }, () => {
    assertEquals(udpClientLine(event).join(" "), sentence);
  });
}

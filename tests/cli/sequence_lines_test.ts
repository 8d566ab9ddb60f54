import { assertEquals } from "@std/assert";
import { sequenceClientLines, sequenceServerLines } from "../../cli/lines/sequence.ts";
import type { DroppedEvent } from "../../core/event_queue.ts";
import type { SequenceClientEvent, SequenceServerEvent } from "../../sequence/events.ts";

const session = "0123456789abcdef0123456789abcdef", client = "10.0.0.7:5001";
const digest = { crc32: 1, sha256: "b".repeat(64) };
const PAUSE = "This process stalled for 2 s: every deadline was moved by as much";

/** Each row: an event of the server, and its sentence as `level text`. */
const SERVER: readonly (readonly [SequenceServerEvent, string])[] = [
  [
    { type: "replaced", session, client },
    `info Closed the old connection ${client} of session 01234567`,
  ],
  [
    { type: "written-back", session, count: 1 },
    "warn The store had lost what was written: wrote session 01234567 back",
  ],
  [
    { type: "written-back", session, count: 3 },
    "warn The store had lost what was written: wrote 3 sessions back",
  ],
  [{ type: "moved", session }, "info Session 01234567 was taken over by another server"],
  [
    { type: "disconnected", session, client, reason: "silent", next: 3 },
    `warn Lost ${client}: three heartbeats went unanswered; session 01234567 waits at number 3`,
  ],
  [
    { type: "disconnected", session, client, reason: "shutdown", next: 3 },
    `warn Lost ${client}: shutdown; session 01234567 waits at number 3`,
  ],
  [{ type: "expired", session, next: 3 }, "warn Session 01234567 EXPIRED at number 3"],
  [{ type: "rejected", client, reason: "BUSY", count: 1 }, `warn Rejected ${client}: BUSY`],
  [
    { type: "rejected", client, reason: "BUSY", count: 4 },
    `warn Rejected ${client}: BUSY (4 connections)`,
  ],
  [{ type: "store-failed", message: "Cannot save", count: 2 }, "warn Cannot save (2 calls)"],
  [{ type: "store-warning", code: "evicts", message: "It may forget" }, "warn It may forget"],
  [
    { type: "accept-failed", code: "io", message: "Cannot accept", count: 2 },
    "warn Cannot accept (2 connections)",
  ],
  [{ type: "stalled", by: 2_000 }, `warn ${PAUSE}`],
];

/** Each row: an event of the client, and its sentence. */
const CLIENT: readonly (readonly [SequenceClientEvent | DroppedEvent, string])[] = [
  [{ type: "repeated", count: 2 }, "warn Dropped 2 numbers that came again"],
  [{ type: "stalled", by: 2_000 }, `warn ${PAUSE}`],
  [
    { type: "dropped", count: 2 },
    "warn Lost 2 events: they came faster than they could be written",
  ],
  [{ type: "failed", code: "EXPIRED", message: "It expired" }, "error It expired"],
  [
    {
      ...{ type: "failed", code: "CHECKSUM", message: "They differ" },
      ...{ local: digest, remote: { ...digest, crc32: 2 } },
    },
    "error They differ: crc32 is 1 here and 2 at the server",
  ],
];

for (const [event, sentence] of SERVER) {
  Deno.test(`the server of sequences says: ${sentence}`, { permissions: "none" }, () => {
    assertEquals(sequenceServerLines(event).map((line) => line.join(" ")), [sentence]);
  });
}

for (const [event, sentence] of CLIENT) {
  Deno.test(`a client of a sequence says: ${sentence}`, { permissions: "none" }, () => {
    assertEquals(sequenceClientLines(event).map((line) => line.join(" ")), [sentence]);
  });
}

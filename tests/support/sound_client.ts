/**
 * What a client of sequences may tell when all that goes wrong is the network.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { DroppedEvent } from "../../core/event_queue.ts";
import type { SequenceClientEvent } from "../../sequence/events.ts";

/** Throws if either end broke the protocol, even where the other one made up for it. */
export function assertSound(event: SequenceClientEvent | DroppedEvent): SequenceClientEvent {
  assert(event.type !== "dropped" && event.type !== "repeated", JSON.stringify(event));
  const { type } = event;
  assert(type !== "disconnected" || OF_LINKS.has(event.reason), JSON.stringify(event));
  return event;
}

/** Why a connection may be lost, or not be opened, that nobody ended on purpose. */
const OF_LINKS: ReadonlySet<string> = new Set([
  ...["end", "reset", "silent", "connection-refused", "connection-reset"],
]);

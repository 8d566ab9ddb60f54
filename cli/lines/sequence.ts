/**
 * Sequence events as lines for people.
 *
 * Sessions are named by their first eight digits; tokens are in no event and so in no line.
 *
 * @module
 */
import type { DroppedEvent } from "../../core/event_queue.ts";
import type {
  SequenceClientEvent,
  SequenceLossReason,
  SequenceServerEvent,
} from "../../sequence/events.ts";
import { formatDuration } from "../command/duration.ts";
import type { Line } from "../command/main.ts";

/** The lines for an event of the server. */
export function sequenceServerLines(event: SequenceServerEvent): Line[] {
  switch (event.type) {
    case "listening":
      return [["info", `Listening for sequence clients on ${event.hostname}:${event.port}`]];
    case "started": {
      const { session, client, length } = event;
      return [["info", `Started session ${short(session)} of ${length} numbers for ${client}`]];
    }
    case "resumed": {
      const { session, client, next } = event;
      return [["info", `Resumed session ${short(session)} at number ${next} for ${client}`]];
    }
    case "replaced":
      return [[
        "info",
        `Closed the old connection ${event.client} of session ${short(event.session)}`,
      ]];
    case "moved":
      return [["info", `Session ${short(event.session)} was taken over by another server`]];
    case "written-back": {
      const what = event.count > 1 ? `${event.count} sessions` : `session ${short(event.session)}`;
      return [["warn", `The store had lost what was written: wrote ${what} back`]];
    }
    case "disconnected": {
      const { session, client, reason, next } = event;
      const why = LOSSES[reason as keyof typeof LOSSES] ?? reason;
      const said = `Lost ${client}: ${why}; session ${short(session)} waits at number ${next}`;
      return [["warn", said]];
    }
    case "completed":
      return [["info", `Completed session ${short(event.session)} of ${event.length} numbers`]];
    case "expired":
      return [["warn", `Session ${short(event.session)} EXPIRED at number ${event.next}`]];
    case "rejected": {
      const more = event.count > 1 ? ` (${event.count} connections)` : "";
      return [["warn", `Rejected ${event.client}: ${event.reason}${more}`]];
    }
    case "user-code":
      return [[
        "error",
        `Session ${short(event.session)}: the source of numbers failed: ${event.message}`,
      ]];
    case "store-failed":
      return [["warn", `${event.message} (${event.count} calls)`]];
    case "store-warning":
      return [["warn", event.message]];
    case "accept-failed":
      return [["warn", `${event.message} (${event.count} connections)`]];
    case "stalled":
      return [stalled(event.by)];
  }
}

/** The lines for an event of the client. */
export function sequenceClientLines(event: SequenceClientEvent | DroppedEvent): Line[] {
  switch (event.type) {
    case "connecting":
      return [["debug", `Connecting to ${event.server}, attempt ${event.attempt}`]];
    case "started":
      return [["info", `Started session ${short(event.session)} of ${event.length} numbers`]];
    case "resumed":
      return [["info", `Resumed session ${short(event.session)} at number ${event.next}`]];
    case "disconnected": {
      const { reason, message, retryIn } = event;
      const wait = formatDuration(Math.round(retryIn));
      return [["warn", `Not connected (${reason}): ${message}. Trying again in ${wait}`]];
    }
    case "repeated":
      return [["warn", `Dropped ${event.count} numbers that came again`]];
    case "stalled":
      return [stalled(event.by)];
    case "dropped":
      return [["warn", `Lost ${event.count} events: they came faster than they could be written`]];
    case "done":
      return [["info", "SUCCESS! local checksum and server checksum are equal"]];
    case "failed": {
      const { message, local, remote } = event;
      if (!local || !remote) return [["error", message]];
      const differ = (["crc32", "sha256"] as const).filter((name) => local[name] !== remote[name])
        .map((name) => `${name} is ${local[name]} here and ${remote[name]} at the server`);
      return [["error", `${message}: ${differ.join(", ")}`]];
    }
  }
}

function stalled(by: number): Line {
  const pause = formatDuration(by);
  return ["warn", `This process stalled for ${pause}: every deadline was moved by as much`];
}

function short(session: string): string {
  return session.slice(0, 8);
}

const LOSSES: Partial<Record<SequenceLossReason, string>> = {
  end: "it closed the connection",
  reset: "the connection was reset",
  silent: "three heartbeats went unanswered",
  "not-reading": "it does not read",
  rejected: "it broke a rule",
};

/**
 * Handshake events as lines for people, in the sentences of seed 003 where it has one, so that scripts
 * which read them go on working: each line is its level, a space, and the sentence.
 *
 * @module
 */
import { formatAddress } from "../../core/address.ts";
import type {
  HandshakeClientEvent,
  HandshakeFault,
  HandshakeRejection,
  HandshakeServerEvent,
} from "../../handshake/events.ts";
import { formatDuration } from "../command/duration.ts";
import type { Line } from "../command/main.ts";

/** The line for an event of the server. */
export function handshakeServerLine(event: HandshakeServerEvent): Line {
  switch (event.type) {
    case "listening": {
      const where = formatAddress({ hostname: event.hostname, port: event.port });
      return ["info", `Listening for HELLO on ${where} (${event.transport})`];
    }
    case "granted": {
      const { id, client, transport, expiresIn } = event;
      const time = formatDuration(expiresIn);
      return ["info", `OK ${id}: leased to ${client} (${transport}) for ${time}`];
    }
    case "repeated": {
      const { id, client, expiresIn } = event;
      return ["debug", `OK ${id} again: ${client} has it for ${formatDuration(expiresIn)} more`];
    }
    case "refused": {
      const { id, client, transport, expiresIn } = event;
      const why = expiresIn > 0
        ? `in use for ${formatDuration(expiresIn)} more`
        : "there is no room";
      return ["info", `RESET ${id} for ${client} (${transport}): ${why}`];
    }
    case "expired":
      return ["debug", `${event.id} is free again, ${event.client} had it`];
    case "rejected": {
      const what = event.count === 1 ? "a request" : `${event.count} requests, the last one`;
      return ["warn", `Rejected ${what} from ${event.from}: ${REJECTIONS[event.reason]}`];
    }
    case "send-failed":
      return ["warn", `${event.message} (${event.count} replies)`];
    case "accept-failed":
      return ["warn", `${event.message} (${event.count} connections)`];
    case "stalled":
      return ["warn", `This process stalled for ${formatDuration(event.by)}`];
    case "idle":
      return ["info", `No HELLO for ${formatDuration(event.idleFor)}: closing`];
  }
}

/** The line for an event of the client; `timestamp` is when it happened. */
export function handshakeClientLine(event: HandshakeClientEvent, timestamp: string): Line {
  switch (event.type) {
    case "trying": {
      const { id, local, server } = event;
      return ["debug", `Try ${event.try}: HELLO ${id} from ${local} to ${server}`];
    }
    case "established": {
      const { id, hostname, port } = event;
      return at("info", `Connection established ${id} ${hostname} ${port}`, event, timestamp);
    }
    case "error":
      return at("warn", `Connection Error ${event.id}`, event, timestamp);
    // Not an error in the log's sense: that would take the sentence off standard output.
    case "failure":
      return at("warn", "Connection Failure", event, timestamp);
    case "ignored": {
      const what = event.count === 1 ? "a message" : `${event.count} messages`;
      return ["debug", `Ignored ${what}: ${IGNORED[event.reason]}`];
    }
    case "send-failed":
      return ["debug", `${event.message} (${event.count} times); the try goes on`];
    case "stalled":
      return ["debug", `This process stalled for ${formatDuration(event.by)}`];
  }
}

/** Why a try failed, for people. */
export function handshakeFault({ reason, message }: {
  reason: HandshakeFault;
  message?: string;
}): string {
  if (message !== undefined) return message;
  if (reason === "reset") return "the id is in use";
  if (reason === "timed-out") return "no reply in time";
  return "the server closed the connection without a reply";
}

function at(
  level: "info" | "warn",
  sentence: string,
  event: Extract<HandshakeClientEvent, { type: "established" | "error" | "failure" }>,
  timestamp: string,
): Line {
  return [level, `${sentence} on ${timestamp}`, { ...event, timestamp }];
}

const REJECTIONS: Readonly<Record<HandshakeRejection, string>> = {
  "malformed": "not a handshake, wanted: HELLO ID",
  "too-long": "longer than any HELLO",
  "silent": "its connection was silent for too long",
  "too-many-connections": "its connection was silent for longest and others wait",
  "table-full": "as many ids as allowed are leased, it got a RESET",
  "reply-too-long": "the reply would be more than three times the request",
  "rate-limited": "this address asks too often",
  "overloaded": "too many replies wait for the socket",
};

const IGNORED = {
  "malformed": "not a reply",
  "other-id": "a reply for another id",
  "other-sender": "not from the server",
};

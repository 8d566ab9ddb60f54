/**
 * UDP heartbeat events as lines for people.
 *
 * @module
 */
import { formatAddress } from "../../core/address.ts";
import type { UdpClientEvent, UdpRejection, UdpServerEvent } from "../../udp/events.ts";
import { formatDuration } from "../command/duration.ts";
import type { Line } from "../command/main.ts";

/** The line for an event of the server. */
export function udpServerLine(event: UdpServerEvent): Line {
  switch (event.type) {
    case "listening": {
      const where = formatAddress({ hostname: event.hostname, port: event.port });
      return ["info", `Listening for UDP heartbeats on ${where}`];
    }
    case "registered": {
      const timeout = formatDuration(event.timeout);
      return ["info", `Registered ${event.client} with a timeout of ${timeout}`];
    }
    case "up":
      return ["info", `${event.client} is up`];
    case "beat": {
      const late = event.late ? ", held back by the network" : "";
      const delay = formatDuration(event.delay);
      return ["debug", `${event.client} heartbeat ${event.sequence}, delay ${delay}${late}`];
    }
    case "down": {
      const { client, silentFor, timeout } = event;
      const limit = formatDuration(timeout);
      return ["warn", `${client} is DOWN: silent for ${formatDuration(silentFor)}, limit ${limit}`];
    }
    case "group-down": {
      const { group, clients, silentFor } = event;
      const silence = formatDuration(silentFor);
      return ["warn", `Group ${group} is DOWN: ${clients.length} clients silent for ${silence}`];
    }
    case "recovered":
      return ["info", `${event.client} is up again, was down for ${formatDuration(event.downFor)}`];
    case "clock-unusable":
      return [
        "warn",
        `The clock of ${event.client} is of no use: its heartbeats are believed, their times are not`,
      ];
    case "forgotten":
      return ["info", `${event.client} is no longer watched: it was down for too long`];
    case "rejected": {
      const what = event.count === 1 ? "a datagram" : `${event.count} datagrams, the last one`;
      return ["warn", `Ignored ${what} from ${event.from}: ${REASONS[event.reason]}`];
    }
    case "stalled": {
      const by = formatDuration(event.by);
      return ["warn", `This process stalled for ${by}: every deadline was moved by as much`];
    }
    case "overflowed":
      return [
        "warn",
        `Our own socket buffer overflowed: ${event.count} datagrams were lost here, not on the way`,
      ];
  }
}

/** The line for an event of the client. */
export function udpClientLine(event: UdpClientEvent): Line {
  switch (event.type) {
    case "started": {
      const { local, server, interval } = event;
      return [
        "info",
        `Sending UDP heartbeats from ${local} to ${server} every ${formatDuration(interval)}`,
      ];
    }
    case "sent":
      return ["debug", `Sent heartbeat message ${event.burst} in ${event.datagrams} datagrams`];
    case "send-failed":
      return ["warn", `${event.message}; trying again in the next period`];
    case "skipped":
      return ["warn", `This process was stopped: ${event.bursts} heartbeat messages were not sent`];
    case "done":
      return ["info", `Sent ${event.bursts} heartbeat messages`];
  }
}

const REASONS: Readonly<Record<UdpRejection, string>> = {
  "malformed": "not a heartbeat, wanted: heartbeat SEQUENCE TIME",
  "sequence-out-of-range": "the sequence number is not in 1..10",
  "unregistered": "the sender is not registered",
  "too-many-clients": "as many clients as allowed are registered already",
};

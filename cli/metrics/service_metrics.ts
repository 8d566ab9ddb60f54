/**
 * What each server measures, as metrics.
 *
 * It measures nothing itself: all numbers are kept by the servers anyway.
 *
 * @module
 */
import type { Tagged } from "../../core/event_counts.ts";
import { countStates } from "../../core/state_counts.ts";
import type { Service } from "../../core/service.ts";
import type { HandshakeServer } from "../../handshake/server.ts";
import type { KeepaliveServer } from "../../keepalive/server.ts";
import type { FaultProxy } from "../../proxy/server.ts";
import type { SequenceServer } from "../../sequence/server.ts";
import type { TcpHeartbeatServer } from "../../tcp/server.ts";
import type { UdpHeartbeatServer } from "../../udp/server.ts";
import { clientMetrics } from "./client_metrics.ts";
import { gauge, type Metric, type Sample } from "./open_metrics.ts";
import { VERSION } from "../command/version.ts";

/** What every server counts. */
export function commonMetrics(service: Pick<Service<Tagged>, "name" | "counters">): Metric[] {
  const { receivedBytes, events } = service.counters();
  return [
    {
      name: "heartline",
      type: "info",
      help: "The kind of server and the version of Heartline.",
      samples: [{ labels: { service: service.name, version: VERSION }, value: 1 }],
    },
    {
      name: "heartline_events",
      type: "counter",
      help: "Events by type, as --json names them; one that stands for several counts as many.",
      samples: byLabel("event", events),
    },
    {
      name: "heartline_received_bytes",
      type: "counter",
      unit: "bytes",
      help: "Bytes taken from the sockets.",
      samples: [{ value: receivedBytes }],
    },
  ];
}

/** What a server of UDP heartbeats knows besides. */
export function udpMetrics(
  server: Pick<UdpHeartbeatServer, "clients" | "stateCounts" | "heartbeats" | "rejections">,
): Metric[] {
  return [
    heartbeats(server.heartbeats),
    rejections(server.rejections()),
    clients(server.stateCounts()),
    ...clientMetrics(server.clients(MOST_CLIENTS)),
  ];
}

/** What a server of TCP heartbeats knows besides. */
export function tcpMetrics(
  server: Pick<TcpHeartbeatServer, "clients" | "stateCounts" | "heartbeats">,
): Metric[] {
  return [
    heartbeats(server.heartbeats),
    clients(server.stateCounts()),
    ...clientMetrics(server.clients(MOST_CLIENTS)),
  ];
}

/** What a server of handshakes knows besides. */
export function handshakeMetrics(server: Pick<HandshakeServer, "leases" | "rejections">): Metric[] {
  return [
    rejections(server.rejections()),
    gauge("heartline_leases", "Ids that are leased now.", [{ value: server.leases }]),
  ];
}

/** What a server of keepalive connections knows besides. */
export function keepaliveMetrics(server: Pick<KeepaliveServer, "clients">): Metric[] {
  const reports = server.clients();
  const states = reports.map(({ phase }) => ({ state: phase }));
  const shown = reports.slice(0, MOST_CLIENTS);
  return [
    clients(countStates(states, ["data", "heartbeat"])),
    gauge(
      "heartline_client_silence_seconds",
      "Time since a client was last heard.",
      shown.map(({ client, silentFor }) => ({ labels: { client }, value: silentFor / 1000 })),
      "seconds",
    ),
    gauge(
      "heartline_client_missed_probes",
      "Probes that a client missed in a row.",
      shown.map(({ client, missed }) => ({ labels: { client }, value: missed })),
    ),
    gauge(
      "heartline_client_round_trip_seconds",
      "The last round trip to a client and back.",
      shown.flatMap(({ client, rtt }) =>
        rtt === undefined ? [] : [{ labels: { client }, value: rtt / 1000 }]
      ),
      "seconds",
    ),
  ];
}

/** What a server of sequences knows besides. */
export function sequenceMetrics(server: Pick<SequenceServer, "sessions">): Metric[] {
  return [
    gauge("heartline_sessions", "Sessions held now, those without a connection counted.", [
      { value: server.sessions },
    ]),
  ];
}

/** What a fault proxy knows besides. */
export function proxyMetrics(proxy: Pick<FaultProxy, "links">): Metric[] {
  return [gauge("heartline_links", "Links that are open now.", [{ value: proxy.links }])];
}

function heartbeats(value: number): Metric {
  return {
    name: "heartline_heartbeats",
    type: "counter",
    help: "Valid heartbeats that were received.",
    samples: [{ value }],
  };
}

function rejections(byReason: Readonly<Record<string, number>>): Metric {
  return {
    name: "heartline_rejections",
    type: "counter",
    help: "What was received and not answered or not counted, by reason.",
    samples: byLabel("reason", byReason),
  };
}

function clients(byState: Readonly<Record<string, number>>): Metric {
  return gauge("heartline_clients", "Clients by state.", byLabel("state", byState));
}

function byLabel(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value }));
}

/** So many clients have series of their own: more would be slow to write and to keep. */
const MOST_CLIENTS = 1_000;

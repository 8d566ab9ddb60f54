import { assertEquals } from "@std/assert";
import { type Metric, openMetrics } from "../../cli/metrics/open_metrics.ts";
import {
  commonMetrics,
  handshakeMetrics,
  keepaliveMetrics,
  proxyMetrics,
  sequenceMetrics,
  tcpMetrics,
  udpMetrics,
} from "../../cli/metrics/service_metrics.ts";
import type { KeepaliveReport } from "../../keepalive/events.ts";
import type { TcpClientReport } from "../../tcp/events.ts";
import type { UdpClientReport } from "../../udp/events.ts";

/** The samples alone, as they are written. */
function samples(metrics: readonly Metric[]): string[] {
  return openMetrics(metrics).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

const RECEPTION = {
  received: 9,
  expected: 10,
  loss: 0.1,
  duplicates: 0,
  reordered: 0,
  gaps: 1,
  late: 0,
  jitter: 0.25,
  delay: { last: 1, p50: 1, p99: 4, max: 5 },
  offset: 0,
};
const UDP = {
  client: "10.0.0.7:1",
  state: "down",
  silentFor: 1_500,
  downCount: 2,
  reception: RECEPTION,
} as UdpClientReport;
const OF_CLIENT = [
  'heartline_client_up{client="10.0.0.7:1"} 0',
  'heartline_client_downs_total{client="10.0.0.7:1"} 2',
  'heartline_client_silence_seconds{client="10.0.0.7:1"} 1.5',
  'heartline_client_loss_ratio{client="10.0.0.7:1"} 0.1',
  'heartline_client_jitter_seconds{client="10.0.0.7:1"} 0.00025',
  'heartline_client_delay_seconds{client="10.0.0.7:1",quantile="0.5"} 0.001',
  'heartline_client_delay_seconds{client="10.0.0.7:1",quantile="0.99"} 0.004',
  'heartline_client_delay_seconds{client="10.0.0.7:1",quantile="1.0"} 0.005',
];
const PEER: KeepaliveReport = {
  client: "10.0.0.8:1",
  phase: "heartbeat",
  silentFor: 20_000,
  connectedFor: 60_000,
  missed: 2,
  rtt: undefined,
  unreplied: 0,
  unsent: 0,
};

const SERVERS: [name: string, metrics: Metric[], written: string[]][] = [
  [
    "a server of UDP heartbeats",
    udpMetrics({
      heartbeats: 9,
      rejections: () => ({ malformed: 3 }),
      stateCounts: () => ({ waiting: 0, up: 0, down: 1 }),
      clients: () => [UDP],
    }),
    [
      "heartline_heartbeats_total 9",
      'heartline_rejections_total{reason="malformed"} 3',
      'heartline_clients{state="waiting"} 0',
      'heartline_clients{state="up"} 0',
      'heartline_clients{state="down"} 1',
      ...OF_CLIENT,
    ],
  ],
  [
    "a server of TCP heartbeats",
    tcpMetrics({
      heartbeats: 9,
      stateCounts: () => ({ waiting: 0, up: 0, down: 1, disconnected: 0 }),
      clients: () => [{ ...UDP, state: "down" } as unknown as TcpClientReport],
    }),
    [
      "heartline_heartbeats_total 9",
      'heartline_clients{state="waiting"} 0',
      'heartline_clients{state="up"} 0',
      'heartline_clients{state="down"} 1',
      'heartline_clients{state="disconnected"} 0',
      ...OF_CLIENT,
    ],
  ],
  [
    "a server of handshakes",
    handshakeMetrics({ leases: 2, rejections: () => ({ "rate-limited": 5 }) }),
    ['heartline_rejections_total{reason="rate-limited"} 5', "heartline_leases 2"],
  ],
  [
    "a server of keepalive connections",
    keepaliveMetrics({ clients: () => [PEER, { ...PEER, client: "10.0.0.9:1", rtt: 3 }] }),
    [
      'heartline_clients{state="data"} 0',
      'heartline_clients{state="heartbeat"} 2',
      'heartline_client_silence_seconds{client="10.0.0.8:1"} 20',
      'heartline_client_silence_seconds{client="10.0.0.9:1"} 20',
      'heartline_client_missed_probes{client="10.0.0.8:1"} 2',
      'heartline_client_missed_probes{client="10.0.0.9:1"} 2',
      'heartline_client_round_trip_seconds{client="10.0.0.9:1"} 0.003',
    ],
  ],
  ["a server of sequences", sequenceMetrics({ sessions: 4 }), ["heartline_sessions 4"]],
  ["a proxy", proxyMetrics({ links: 1 }), ["heartline_links 1"]],
  [
    "any server",
    commonMetrics({
      name: "tcp-server",
      counters: () => ({ receivedBytes: 40, events: { down: 1, rejected: 7 } }),
    }).slice(1),
    [
      'heartline_events_total{event="down"} 1',
      'heartline_events_total{event="rejected"} 7',
      "heartline_received_bytes_total 40",
    ],
  ],
];

for (const [name, metrics, written] of SERVERS) {
  Deno.test({
    name: `the numbers of ${name} are metrics in base units`,
    permissions: "none",
    fn: () => assertEquals(samples(metrics), written),
  });
}

Deno.test({
  name: "a thousand clients have series of their own, and all are counted",
  permissions: "none",
  fn() {
    const reports = Array.from({ length: 1_500 }, (_, n) => ({ ...PEER, client: `10.0.0.8:${n}` }));
    const lines = samples(keepaliveMetrics({ clients: () => reports }));
    assertEquals(lines.filter((line) => line.includes("missed_probes")).length, 1_000);
    assertEquals(lines[1], 'heartline_clients{state="heartbeat"} 1500');
  },
});

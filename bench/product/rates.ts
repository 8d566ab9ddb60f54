/**
 * Servers under a load that gives them as much as they take, against loops that do the least.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { stopAll, type Worker } from "../harness/children.ts";
import type { LoadName } from "../harness/load.ts";
import { compare, type Readings, resultOf } from "../harness/rounds.ts";
import { atLeast, type Row, type Tools } from "../harness/row.ts";
import { formatBytesRate, medianOf } from "../harness/statistics.ts";

/** A module of `bench/`, and what it is started with. */
type Program = readonly [module: string, ...args: (string | number)[]];

/** Who is under which load. */
interface Rates {
  readonly ours: Program;
  readonly floor: Program;
  readonly peers?: readonly Program[];
  /** Others that run already. */
  readonly started?: readonly Worker[];
  /** The load, and what it is started with after the port. */
  readonly load: readonly [name: LoadName, ...args: number[]];
  /** The load is more than either side can take. */
  readonly flood?: boolean;
  /** What is done to ours before. */
  prepare?(ours: Worker): Promise<void>;
}

/** Starts all sides, compares them, and stops them. */
export async function measureRates(
  { children, loads, peers }: Tools,
  how: Rates,
): Promise<Readings> {
  const ours = await children.worker(...how.ours);
  const workers = [ours, await children.worker(...how.floor), ...how.started ?? []];
  for (const peer of how.peers ?? []) workers.push(...await peers.start(...peer));
  await how.prepare?.(ours);
  const [name, ...args] = how.load;
  const start = ({ ready }: Worker) => loads.start(name, ready.port, ...args);
  const sides = workers as unknown as Readings<Worker>;
  const readings = await compare(sides, { start, flood: how.flood ?? false });
  await stopAll(...workers);
  return readings;
}

/** UDP ingest. */
export const udpIngest: Row = {
  name: "udp-ingest",
  summary: "UDP heartbeats through serveUdpHeartbeats, flooded from 64 addresses",
  onNode: true,
  async measure(tools) {
    const drain = await tools.children.talk([tools.loads.program("udp_drain")]);
    const [ours, floor, c, ...peers] = await measureRates(tools, {
      ours: ["product/workers/udp.ts"],
      floor: ["floors/deno.ts", "udp"],
      started: [drain],
      peers: [["udp_ingest.py"]],
      load: ["udp_flood", 64, LONGEST],
      flood: true,
    });
    const bare = resultOf(
      { work: "UDP ingest: decode, look up, statistics, re-arm", thing: "datagram", by: "rate" },
      [ours, floor, ...peers],
    );
    const inC = resultOf({ work: "UDP ingest: next to C", thing: "datagram", by: "rate" }, [
      ours,
      c!,
    ]);
    return [
      { ...bare, ...atLeast(0.9, "x a bare receive loop", bare.ratio.median) },
      { ...inC, foreign: true, ...atLeast(0.45, "x a recvfrom loop in C", inC.ratio.median) },
    ];
  },
};

/** TCP ingest of one flood. */
export const tcpFlood: Row = {
  name: "tcp-flood",
  summary: "TCP heartbeats through serveTcpHeartbeats, one connection flooding",
  onNode: true,
  async measure(tools) {
    const readings = await measureRates(tools, {
      ours: ["product/workers/tcp.ts"],
      floor: ["floors/deno.ts", "tcp", LARGEST_READ],
      load: ["tcp_flood", LONGEST],
    });
    const bytes = medianOf(readings[0].rate) * MESSAGE_BYTES;
    return [{
      ...resultOf(
        {
          work: "TCP ingest: one connection flooding",
          thing: "message",
          by: "rate",
          format: (messages) => formatBytesRate(messages * MESSAGE_BYTES),
        },
        readings,
        `messages of ${MESSAGE_BYTES} bytes, and the floor looks at none`,
      ),
      ...atLeast(300, "MB/s", bytes / 1e6),
    }];
  },
};

/** HELLO and its reply: few leases, 100,000 of them, and every HELLO a new id. */
export const handshake: Row = {
  name: "handshake",
  summary: "UDP HELLO round trips through serveHandshake, 64 clients, against a bare UDP echo",
  onNode: true,
  async measure(tools) {
    const measure = async (name: string, lease: number, fresh: number, how: Partial<Rates>) => {
      const work = `UDP HELLO round trips: ${name}`;
      const readings = await measureRates(tools, {
        ours: ["product/workers/handshake.ts", lease],
        floor: ["floors/deno.ts", "echo"],
        load: ["udp_hello", CLIENTS, fresh, LONGEST],
        ...how,
      });
      const found = resultOf({ work, thing: "round trip", by: "rate" }, readings);
      return { ...found, ...atLeast(0.85, "x a bare echo", found.ratio.median) };
    };
    const python = (lease: number) => ({ peers: [["handshake.py", lease] as const] });
    const few = await measure("few leases", LONG_LEASE, 0, python(LONG_LEASE));
    let leases = "";
    const prepare = async (ours: Worker) => void (leases = await fill(tools, ours));
    const many = await measure("100,000 live leases", LONG_LEASE, 0, { prepare });
    const fresh = await measure("each a new id", SHORT_LEASE, 1, python(SHORT_LEASE));
    const short = `leases of ${SHORT_LEASE} ms, so that as many end as begin`;
    return [
      few,
      { ...many, notes: [...many.notes, leases] },
      { ...fresh, notes: [...fresh.notes, short] },
    ];
  },
};

/** Lets clients ask for new ids until there are enough; says what each costs. */
async function fill({ loads }: Tools, server: Worker): Promise<string> {
  let leases = 0;
  while (leases < 100_000) {
    const load = loads.start("udp_hello", server.ready.port, CLIENTS, 1, LONGEST);
    for (let i = 0; i < 50 && leases < 100_000; i++) {
      await delay(100);
      leases = await server.ask("leases");
    }
    await load.stop();
  }
  const { held } = await server.ask("memory");
  return `${leases.toLocaleString("en")} leases; one takes ${
    (held / leases).toFixed(0)
  } B, heap and ` +
    "external memory after a collection";
}

/** In bytes, of a heartbeat. */
const MESSAGE_BYTES = 59;
/** The largest buffer with which the library reads. */
export const LARGEST_READ = 65_536;
const CLIENTS = 64;
/** Longer than the row takes, in ms. */
const LONG_LEASE = 600_000;
const SHORT_LEASE = 1_000;
/** A load ends after so many ms by itself, should nobody end it. */
export const LONGEST = 10_000;

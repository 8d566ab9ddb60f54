/**
 * Heartbeats through the real server on a real socket, against loops that only receive.
 *
 * This file knows the load and the targets. It does not know how rounds are run.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import { rateLines } from "../peers/peers.ts";
import {
  compare,
  type Comparison,
  costOf,
  noteOf,
  type PeerComparison,
} from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatRate, formatSpread } from "../harness/spread.ts";

/** UDP ingest. */
export const udpIngest: Row = {
  name: "udp-ingest",
  summary: "UDP heartbeats through serveUdpHeartbeats, flooded from 64 addresses",
  async measure({ children, loads, peers }: Tools): Promise<Result[]> {
    const program = loads.program("udp_flood");
    const ours = await children.worker("product/workers/udp_server.ts");
    const floor = await children.worker("floors/udp.ts");
    const python = await peers.start("udp_ingest.py");
    const how = { module: "udp_drain", stderr: "inherit" } as const;
    const c = { ...await children.talk(loads.program("udp_drain"), how), name: "C" };
    const start = (worker: Worker) => children.load(program, worker.ready.port, SOURCES, LONGEST);
    const found = await compare({ ours, floor, peers: [c, ...python] }, { start, flood: true });
    await Promise.all([ours, floor, c, ...python].map((worker) => worker.stop()));
    const [inC, ...others] = found.peers;
    return [bareResult(found, others), nativeResult(found, inC!)];
  },
};

function bareResult(found: Comparison, others: readonly PeerComparison[]): Result {
  return {
    work: "UDP ingest: decode, look up, statistics, re-arm",
    ours: formatRate(found.ours.rate.median),
    floor: formatRate(found.floor.rate.median),
    ratio: found.rate,
    checked: found.thrift,
    target: `>= ${BARE_TARGET} x a bare receive loop`,
    met: found.rate.median >= BARE_TARGET,
    peers: rateLines(others, "datagram", found.ours.rate),
    notes: [noteOf(found, "datagram")],
  };
}

function nativeResult({ ours }: Comparison, { peer, rate, thrift }: PeerComparison): Result {
  return {
    work: "UDP ingest: next to C",
    ours: formatRate(ours.rate.median),
    floor: formatRate(peer.rate.median),
    ratio: rate,
    checked: thrift,
    foreign: true,
    target: `>= ${NATIVE_TARGET} x a recvfrom loop in C`,
    met: rate.median >= NATIVE_TARGET,
    notes: [`C ${costOf(peer, "datagram")}, by CPU time ${formatSpread(thrift)} x C`],
  };
}

const SOURCES = 64;
const BARE_TARGET = 0.9;
const NATIVE_TARGET = 0.45;
/** A flood ends after so many ms by itself, should nobody end it. */
const LONGEST = 10_000;

/**
 * Heartbeats through the real server on a real socket, against a loop that only receives.
 *
 * This file knows the load and the target. It does not know how rounds are run.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import { rateLines } from "../harness/peers.ts";
import { compare, noteOf } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatRate } from "../harness/spread.ts";

/** UDP ingest. */
export const udpIngest: Row = {
  name: "udp-ingest",
  summary: "UDP heartbeats through serveUdpHeartbeats, flooded from 64 addresses",
  async measure({ children, loads, peers }: Tools): Promise<Result[]> {
    const program = loads.program("udp_flood");
    const ours = await children.worker("udp_server.ts");
    const floor = await children.worker("udp_floor.ts");
    const python = await peers.start("udp_ingest.py");
    const start = (worker: Worker) => children.load(program, worker.ready.port, SOURCES, LONGEST);
    const found = await compare({ ours, floor, peers: python }, { start, flood: true });
    await Promise.all([ours, floor, ...python].map((worker) => worker.stop()));
    return [{
      work: "UDP ingest: decode, look up, statistics, re-arm",
      ours: formatRate(found.ours.rate.median),
      floor: formatRate(found.floor.rate.median),
      ratio: found.rate,
      checked: found.thrift,
      target: `>= ${TARGET} x a bare receive loop`,
      met: found.rate.median >= TARGET,
      peers: rateLines(found.peers, "datagram", found.ours.rate),
      notes: [noteOf(found, "datagram")],
    }];
  },
};

const SOURCES = 64;
const TARGET = 0.85;
/** A flood ends after so many ms by itself, should nobody end it. */
const LONGEST = 10_000;

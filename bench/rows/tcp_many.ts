/**
 * 1,000 connections that each send one heartbeat a write, against a loop that only reads.
 *
 * This file knows the load and the target. It does not know how rounds are run.
 *
 * The rate is fixed, and the ratio is that of CPU time per message. A flood would not do: the further a
 * receiver falls behind, the more messages each read returns, so that every receiver keeps up however
 * much it spends. The rate is as high as it can be while a read returns one message; at a low rate both
 * sides are woken for single messages and find the caches cold, which is told in the notes.
 *
 * @module
 */
import { thriftLines } from "../harness/peers.ts";
import { compare, noteOf } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";

/** TCP ingest of many connections. */
export const tcpMany: Row = {
  name: "tcp-many",
  summary: "TCP heartbeats through serveTcpHeartbeats, 1,000 connections, 80,000 messages/s",
  async measure({ children, loads, peers }: Tools): Promise<Result[]> {
    const program = loads.program("tcp_beats");
    const ours = await children.worker("tcp_server.ts");
    const floor = await children.worker("tcp_floor.ts", SMALL_READ);
    const others = await peers.start("tcp_ingest.py");
    const at = (rate: number, rounds: number) =>
      compare({ ours, floor, peers: others }, {
        start: ({ ready }) => children.load(program, ready.port, CONNECTIONS, rate, LONGEST),
        rounds,
        duration: 500,
      });
    const high = await at(HIGH_RATE, 15);
    const low = await at(LOW_RATE, 5);
    await Promise.all([ours, floor, ...others].map((worker) => worker.stop()));
    return [{
      work: "TCP ingest: 1,000 connections",
      ours: `${high.ours.cpu.median.toFixed(1)} us CPU`,
      floor: `${high.floor.cpu.median.toFixed(1)} us CPU`,
      ratio: high.thrift,
      checked: high.thrift,
      target: `>= ${TARGET} x a bare read loop`,
      met: high.thrift.median >= TARGET,
      peers: thriftLines(high.peers, "message", high.ours.cpu),
      notes: [noteOf(high, "message"), `at a low rate ${noteOf(low, "message")}`],
    }];
  },
};

const CONNECTIONS = 1_000;
/** Messages a second on all connections together: more than half of what the floor can take. */
const HIGH_RATE = 80_000;
/** Low enough that most messages find the receiver asleep. */
const LOW_RATE = 20_000;
/** As the library reads while messages come one at a time. */
const SMALL_READ = 1_024;
const TARGET = 0.85;
/** The load ends after so many ms by itself, should nobody end it. */
const LONGEST = 10_000;

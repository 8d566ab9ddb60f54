/**
 * 1,000 connections that each send one heartbeat a write, against a loop that only reads.
 *
 * This file knows the load and the target. It does not know how rounds are run.
 *
 * The rate is fixed, below what either side can take, and the ratio is that of CPU time per message.
 * A flood would not do: the further a receiver falls behind, the more messages each read returns, so
 * that every receiver keeps up, however much it spends.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import { compare, noteOf } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";

/** TCP ingest of many connections. */
export const tcpMany: Row = {
  name: "tcp-many",
  summary: "TCP heartbeats through serveTcpHeartbeats, 1,000 connections, 30,000 messages/s",
  async measure({ children, loads }: Tools): Promise<Result[]> {
    const program = loads.program("tcp_beats");
    const ours = await children.worker("tcp_server.ts");
    const floor = await children.worker("tcp_floor.ts", SMALL_READ);
    const start = (worker: Worker) =>
      children.load(program, worker.ready.port, CONNECTIONS, RATE, LONGEST);
    const found = await compare({ ours, floor }, { start });
    await Promise.all([ours.stop(), floor.stop()]);
    return [{
      work: "TCP ingest: 1,000 connections",
      ours: `${found.ours.cpu.median.toFixed(1)} us CPU`,
      floor: `${found.floor.cpu.median.toFixed(1)} us CPU`,
      ratio: found.thrift,
      target: `>= ${TARGET} x a bare read loop`,
      met: found.thrift.median >= TARGET,
      notes: [`at ${found.ours.rate.median.toFixed(0)} messages/s: ${noteOf(found, "message")}`],
    }];
  },
};

const CONNECTIONS = 1_000;
/** Messages a second on all connections together: about a third of what the floor can take. */
const RATE = 30_000;
/** As the library reads while messages come one at a time. */
const SMALL_READ = 1_024;
const TARGET = 0.85;
/** The load ends after so many ms by itself, should nobody end it. */
const LONGEST = 10_000;

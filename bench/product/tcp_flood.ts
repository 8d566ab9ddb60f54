/**
 * One connection that sends heartbeats as fast as they are taken.
 *
 * This file knows the load and the target. It does not know how rounds are run.
 *
 * @module
 */
import type { Worker } from "../harness/children.ts";
import { compare, noteOf } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";

/** TCP ingest of one flood. */
export const tcpFlood: Row = {
  name: "tcp-flood",
  summary: "TCP heartbeats through serveTcpHeartbeats, one connection flooding",
  async measure({ children, loads }: Tools): Promise<Result[]> {
    const program = loads.program("tcp_flood");
    const ours = await children.worker("product/workers/tcp_server.ts");
    const floor = await children.worker("floors/tcp.ts", LARGEST_READ);
    const start = (worker: Worker) => children.load(program, worker.ready.port, LONGEST);
    const found = await compare({ ours, floor }, { start });
    await Promise.all([ours.stop(), floor.stop()]);
    return [{
      work: "TCP ingest: one connection flooding",
      ours: megabytes(found.ours.rate.median),
      floor: megabytes(found.floor.rate.median),
      ratio: found.rate,
      checked: found.thrift,
      target: `>= ${TARGET} MB/s`,
      met: found.ours.rate.median * MESSAGE_BYTES >= TARGET * 1e6,
      notes: [
        `${
          noteOf(found, "message")
        }; messages of ${MESSAGE_BYTES} bytes, and the floor looks at none`,
      ],
    }];
  },
};

function megabytes(messagesPerSecond: number): string {
  return `${(messagesPerSecond * MESSAGE_BYTES / 1e6).toFixed(0)} MB/s`;
}

const TARGET = 300;
const MESSAGE_BYTES = 59;
/** The floor reads with the largest buffer that the library uses. */
const LARGEST_READ = 65_536;
/** A flood ends after so many ms by itself, should nobody end it. */
const LONGEST = 10_000;

/**
 * One sequence as fast as it goes.
 *
 * This file knows the target. It does not know how rounds are run, nor what the ends do.
 *
 * @module
 */
import { alternate } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatRate, formatSpread } from "../harness/spread.ts";
import type { Interval } from "../harness/worker.ts";

/** Numbers a second, from `serveSequence` through a socket to the loop of a user. */
export const sequenceStream: Row = {
  name: "sequence-stream",
  summary: "one sequence without an interval, serveSequence to receiveSequence",
  async measure({ children }: Tools): Promise<Result[]> {
    const servers = {
      ours: await children.worker("sequence_stream.ts", "ours"),
      floor: await children.worker("sequence_stream.ts", "floor"),
    };
    const sides = {
      ours: await children.worker("sequence_stream.ts", "ours", servers.ours.ready.port),
      floor: await children.worker("sequence_stream.ts", "floor", servers.floor.ready.port),
    };
    for (const worker of [servers.ours, sides.ours]) await worker.ask("begin");
    const found = await alternate(sides);
    const { cpu: ourServer } = await servers.ours.ask("end") as Interval;
    const { cpu: ourClient, count } = await sides.ours.ask("end") as Interval;
    for (const { ours, floor } of [sides, servers]) await Promise.all([ours.stop(), floor.stop()]);
    const each = (cpu: number): string => `${(cpu / count).toFixed(2)} us`;
    return [{
      work: "sequence without interval: one stream",
      ours: formatRate(found.ours.median),
      floor: formatRate(found.floor.median),
      ratio: found.ratio,
      target: `>= ${TARGET / 1000} k/s delivered and checked`,
      met: found.ours.median >= TARGET,
      notes: [
        `ours ${formatSpread(thousands(found.ours), 0)} k/s; a number takes ${
          each(ourServer)
        } CPU ` +
        `of the server and ${each(ourClient)} of the client; the floor moves the same bytes and ` +
        "counts line feeds",
      ],
    }];
  },
};

function thousands({ median, min, max }: { median: number; min: number; max: number }) {
  return { median: median / 1000, min: min / 1000, max: max / 1000 };
}

/** Numbers a second. */
const TARGET = 500_000;

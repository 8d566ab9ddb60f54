/**
 * One queue for 100,000 clients: how fast a beat moves a deadline, and what a client costs.
 *
 * This file knows the targets. It does not know how the queue works.
 *
 * @module
 */
import { alternate } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatRate } from "../harness/spread.ts";

/** The deadline queue. */
export const deadlines: Row = {
  name: "deadlines",
  summary: "the deadline queue with 100,000 clients that each beat once a virtual second",
  async measure({ children }: Tools): Promise<Result[]> {
    const ours = await children.worker("product/workers/deadlines.ts", "ours");
    const floor = await children.worker("product/workers/deadlines.ts", "floor");
    const found = await alternate({ ours, floor }, ROUNDS);
    await Promise.all([ours.stop(), floor.stop()]);
    const bytes = ours.ready.bytesPerClient as number;
    return [{
      work: "deadline queue: re-arm one of 100,000",
      ours: formatRate(found.ours.median),
      floor: formatRate(found.floor.median),
      ratio: found.ratio,
      checked: found.ratio,
      target: `>= ${formatRate(RATE_TARGET)}`,
      met: found.ours.median >= RATE_TARGET,
      notes: [
        "by CPU time; both are asked every 10 virtual ms who has expired; the floor is an array of deadlines that " +
        "is looked through from end to end each time",
      ],
    }, {
      work: "deadline queue: memory of one of 100,000",
      ours: `${bytes.toFixed(0)} B`,
      floor: "-",
      target: `<= ${BYTES_TARGET} B`,
      met: bytes <= BYTES_TARGET,
      notes: ["heap and external memory after a collection, less the same before the queue"],
    }];
  },
};

/** Short ones, of CPU time. */
const ROUNDS = 21;
const RATE_TARGET = 5e6;
const BYTES_TARGET = 200;

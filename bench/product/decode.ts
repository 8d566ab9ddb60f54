/**
 * How fast one datagram is read, without a socket.
 *
 * This file knows the target. It does not know the wire form.
 *
 * @module
 */
import { alternate } from "../harness/rounds.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatRate } from "../harness/spread.ts";

/** Decoding a heartbeat datagram. */
export const decode: Row = {
  name: "decode",
  summary: "decodeHeartbeat on datagrams in memory",
  async measure({ children }: Tools): Promise<Result[]> {
    const ours = await children.worker("product/workers/decode.ts", "ours");
    const floor = await children.worker("product/workers/decode.ts", "floor");
    const found = await alternate({ ours, floor }, ROUNDS);
    await Promise.all([ours.stop(), floor.stop()]);
    return [{
      work: "decode a heartbeat datagram",
      ours: formatRate(found.ours.median),
      floor: formatRate(found.floor.median),
      ratio: found.ratio,
      checked: found.ratio,
      target: `>= ${formatRate(TARGET)}`,
      met: found.ours.median >= TARGET,
      notes: [
        "by CPU time; the floor is a loop that adds up the bytes of the same datagrams",
      ],
    }];
  },
};

const TARGET = 10e6;
/** Short ones, of CPU time. */
const ROUNDS = 21;

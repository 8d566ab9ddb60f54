/**
 * 10,000 sequences that lose their connections at the same moment.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { stopAll, type Worker } from "../harness/children.ts";
import { atMost, type Row } from "../harness/row.ts";
import type { Lateness } from "../harness/statistics.ts";
import { CLIENTS, INTERVAL, openSequences, seenBy } from "./sequence_many.ts";

/** How long they take to come back, dropped and sent away, and what it does to the schedule. */
export const sequenceStorm: Row = {
  name: "sequence-storm",
  summary: "10,000 sequences dropped at once, and sent away by a server that hands over",
  onNode: true,
  async measure({ children }) {
    const { server, load } = await openSequences(children, { span: 3 * INTERVAL });
    await load.ask("start");
    await delay(SETTLE);
    const dropped = await storm(server, () => load.ask("drop"));
    const left = await storm(server, async () => {
      const began = performance.now();
      await server.ask("handOver");
      await load.ask("settle");
      return performance.now() - began;
    });
    await seenBy(load);
    await stopAll(load, server);
    const share = left.accepts.peak / CLIENTS * 100;
    return [{
      work: "10,000 sequences dropped at once: all resumed",
      ours: seconds(dropped.took),
      ...atMost(15, "s", dropped.took / 1_000),
      notes: [
        `at most ${dropped.accepts.peak} connections came within 100 ms, ${dropped.accepts.count} in all; ` +
        "the clients wait up to 250 ms before the first attempt, and each end closes its own half",
      ],
    }, {
      work: "10,000 sequences dropped at once: latest number afterwards",
      ours: `${dropped.after.most.toFixed(0)} ms`,
      ...atMost(250, "ms", dropped.after.most),
      notes: [
        `p99 ${dropped.after.p99.toFixed(0)} ms over the ${
          AFTER / 1_000
        } s after all were back; until ` +
        `then p99 ${dropped.during.p99.toFixed(0)} ms, largest ${
          dropped.during.most.toFixed(0)
        } ms`,
      ],
    }, {
      work: "10,000 sequences sent away by GOAWAY: busiest 100 ms",
      ours: `${share.toFixed(1)} %`,
      ...atMost(3, "% of them", share),
      notes: [
        `all were back ${
          seconds(left.took)
        } after the server began to stop, another one listened at ` +
        `once; ${left.accepts.count} connections in all; afterwards the latest number was late by ` +
        `${left.after.most.toFixed(0)} ms`,
      ],
    }];
  },
};

/** What a storm did. */
interface Storm {
  /** Until all clients were back, in ms. */
  readonly took: number;
  /** The most connections that came within 100 ms, and all of them. */
  readonly accepts: { readonly peak: number; readonly count: number };
  /** Of the numbers sent until all were back, and of those sent in the seconds after. */
  readonly during: Lateness;
  readonly after: Lateness;
}

async function storm(server: Worker, strike: () => Promise<number>): Promise<Storm> {
  await server.ask("accepts");
  await server.ask("lateness");
  const took = await strike();
  const during = await server.ask("lateness");
  await delay(AFTER);
  return {
    took,
    during,
    accepts: await server.ask("accepts"),
    after: await server.ask("lateness"),
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** In ms, like all here. */
const SETTLE = 2_000;
/** Long enough for some numbers of each stream. */
const AFTER = 4_000;

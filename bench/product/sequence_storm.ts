/**
 * 10,000 sequences that lose their connections at the same moment.
 *
 * This file knows the course of events and the targets. It does not know how clients spread their return.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Worker } from "../harness/children.ts";
import type { Lateness } from "../harness/lateness.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { v8FlagsOf } from "../harness/task_flags.ts";

/** How long they take to come back, dropped and sent away, and what it does to the schedule. */
export const sequenceStorm: Row = {
  name: "sequence-storm",
  summary: "10,000 sequences dropped at once, and sent away by a server that hands over",
  async measure({ children }: Tools): Promise<Result[]> {
    const server = await children.tuned(
      v8FlagsOf("seq-server"),
      "product/workers/sequence_many.ts",
      INTERVAL,
      CLIENTS,
    );
    const load = await children.worker(
      "load/sequence_load.ts",
      ...[server.ready.port, CLIENTS, START_SPAN, "talking"],
    );
    await load.ask("start");
    await delay(SETTLE);
    const dropped = await storm(server, () => load.ask("drop"));
    const left = await storm(server, async () => {
      const began = performance.now();
      await server.ask("handOver");
      await load.ask("settle");
      return performance.now() - began;
    });
    const { wrong } = await load.ask("seen") as { wrong: number };
    await load.stop();
    await server.stop();
    if (wrong > 0) throw new CannotMeasure(`Cannot measure: ${wrong} lines were not expected`);
    return [dropResult(dropped), latenessResult(dropped), leaveResult(left)];
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
  const during = await server.ask("lateness") as Lateness;
  await delay(AFTER);
  return {
    took,
    during,
    accepts: await server.ask("accepts"),
    after: await server.ask("lateness") as Lateness,
  };
}

function dropResult({ took, accepts }: Storm): Result {
  return {
    work: "10,000 sequences dropped at once: all resumed",
    ours: seconds(took),
    floor: "-",
    target: `<= ${RESUME_TARGET / 1_000} s`,
    met: took <= RESUME_TARGET,
    notes: [
      `at most ${accepts.peak} connections came within 100 ms, ${accepts.count} in all; the clients ` +
      "wait up to 250 ms before the first attempt, and each end closes its own half",
    ],
  };
}

function latenessResult({ during, after }: Storm): Result {
  return {
    work: "10,000 sequences dropped at once: latest number afterwards",
    ours: `${after.most.toFixed(0)} ms`,
    floor: "-",
    target: `<= ${LATENESS_TARGET} ms`,
    met: after.most <= LATENESS_TARGET,
    notes: [
      `p99 ${after.p99.toFixed(0)} ms over the ${
        AFTER / 1_000
      } s after all were back; until then ` +
      `p99 ${during.p99.toFixed(0)} ms, largest ${during.most.toFixed(0)} ms`,
    ],
  };
}

function leaveResult({ took, accepts, after }: Storm): Result {
  const share = accepts.peak / CLIENTS * 100;
  return {
    work: "10,000 sequences sent away by GOAWAY: busiest 100 ms",
    ours: `${share.toFixed(1)} %`,
    floor: "-",
    target: `<= ${SHARE_TARGET} % of them`,
    met: share <= SHARE_TARGET,
    notes: [
      `all were back ${
        seconds(took)
      } after the server began to stop, another one listened at once; ` +
      `${accepts.count} connections in all; afterwards the latest number was late by ` +
      `${after.most.toFixed(0)} ms`,
    ],
  };
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

const CLIENTS = 10_000;
/** In ms, like all here. */
const INTERVAL = 1_000;
const START_SPAN = 3_000;
const SETTLE = 2_000;
/** Long enough for some numbers of each stream. */
const AFTER = 4_000;
const RESUME_TARGET = 15_000;
const LATENESS_TARGET = 250;
const SHARE_TARGET = 3;

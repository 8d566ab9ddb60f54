/**
 * 10,000 clients that beat once a second, a tenth of which fall silent.
 *
 * This file knows the course of events and the targets. It does not know how verdicts are given.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure } from "../harness/children.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { quantile } from "../harness/spread.ts";
import type { Interval } from "../harness/worker.ts";

/** Alarm lateness and memory per client. */
export const udpWatch: Row = {
  name: "udp-watch",
  summary: "10,000 UDP clients, one beat a second each; 1,000 of them fall silent",
  async measure({ children, loads }: Tools): Promise<Result[]> {
    const server = await children.worker("product/workers/udp_watch.ts", TIMEOUT);
    const { port } = server.ready;
    const load = children.load(
      loads.program("udp_beats"),
      ...[port, CLIENTS, STOPPED, STOP_AT, END_AT, PERIOD],
    );
    await delay(STOP_AT - 3_000);
    await server.ask("begin");
    await delay(2_000);
    const interval = await server.ask("end") as Interval;
    const memory = await server.ask("memory") as Memory;
    await delay(1_000 + ALL_STOPPED + TIMEOUT + 500);
    const alarms = await server.ask("alarms") as Alarms;
    await load.stop();
    await server.stop();
    if (alarms.lateness.length === 0) throw new CannotMeasure("Cannot measure: nobody was alarmed");
    return [latenessResult(alarms, interval), memoryResult(memory)];
  },
};

interface Memory {
  readonly clients: number;
  readonly held: number;
  readonly resident: number;
}

interface Alarms {
  readonly lateness: number[];
  readonly recoveries: number;
  readonly overflowed: number;
}

function latenessResult(
  { lateness, recoveries, overflowed }: Alarms,
  { cpu, ms, count }: Interval,
): Result {
  const sorted = lateness.toSorted((a, b) => a - b);
  const at = (q: number): string => `${quantile(sorted, q).toFixed(1)} ms`;
  const right = lateness.length === STOPPED;
  return {
    work: "10,000 UDP clients: alarm lateness p99",
    ours: at(0.99),
    floor: "-",
    target: `<= ${LATENESS_TARGET} ms`,
    met: right && quantile(sorted, 0.99) <= LATENESS_TARGET,
    notes: [
      `${lateness.length} alarms for ${STOPPED} clients that fell silent; p50 ${
        at(0.5)
      }, largest ` +
      `${at(1)}; ${recoveries} recoveries; the kernel dropped ${overflowed} datagrams`,
      `${(count / ms * 1000).toFixed(0)} datagrams/s took ${
        (cpu / 10 / ms).toFixed(1)
      } % of a core`,
    ],
  };
}

function memoryResult({ clients, held, resident }: Memory): Result {
  const each = held / clients;
  return {
    work: "10,000 UDP clients: memory per client",
    ours: `${each.toFixed(0)} B`,
    floor: "-",
    target: `<= ${BYTES_TARGET} B`,
    met: each <= BYTES_TARGET,
    notes: [
      `heap and external memory after a collection, ${clients} clients on as many hosts; resident ` +
      `memory grew by ${(resident / clients).toFixed(0)} B per client, which includes what the ` +
      "runtime took to run at all",
    ],
  };
}

const CLIENTS = 10_000;
const STOPPED = 1_000;
/** In ms, like all here. */
const PERIOD = 1_000;
const TIMEOUT = 3_000;
/** When the first of them falls silent, after the start: all clients are long known. */
const STOP_AT = 6_000;
/** They stop within this time. */
const ALL_STOPPED = 1_000;
/** After the last alarm that can be in time. */
const END_AT = STOP_AT + ALL_STOPPED + TIMEOUT + 3_000;
const LATENESS_TARGET = 50;
const BYTES_TARGET = 2_048;

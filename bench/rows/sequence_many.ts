/**
 * 10,000 sequences of one number a second.
 *
 * This file knows the course of events and the targets. It does not know how a server keeps its schedule.
 *
 * @module
 */
import { CannotMeasure, type Worker } from "../harness/children.ts";
import type { Lateness } from "../harness/lateness.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatSpread, type Spread, spreadOf } from "../harness/spread.ts";
import type { Interval, Memory } from "../harness/worker.ts";

/** How long they take to start, how late numbers leave, and what a session takes of the memory. */
export const sequenceMany: Row = {
  name: "sequence-many",
  summary: "10,000 sequences of one number a second, next to a server that only writes",
  async measure(tools: Tools): Promise<Result[]> {
    const ours: Reading[] = [];
    const floor: Reading[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      ours.push(await read(tools, "sequence_many.ts", "talking"));
      floor.push(await read(tools, "sequence_writer.ts", "silent"));
    }
    const reading = await read(tools, "sequence_writer.ts", "talking");
    return [
      startResult(ours, floor),
      latenessResult(ours, floor, reading),
      memoryResult(ours, floor, reading),
    ];
  },
};

/** One side in one round. */
interface Reading {
  /** From the first connection until all clients have a session, in ms. */
  readonly start: number;
  readonly lateness: Lateness;
  readonly interval: Interval;
  readonly memory: Memory;
}

/** Processes of its own for each reading: resident memory does not shrink. */
async function read({ children }: Tools, module: string, kind: string): Promise<Reading> {
  const server = await children.worker(module, INTERVAL, CLIENTS, kind);
  const load = await children.worker(
    "sequence_load.ts",
    ...[server.ready.port, CLIENTS, START_SPAN, kind],
  );
  const start = await load.ask("start") as number;
  await delay(SETTLE);
  const [lateness, interval] = await steady(server);
  const memory = await server.ask("memory") as Memory;
  const { wrong } = await load.ask("seen") as { wrong: number };
  await load.stop();
  await server.stop();
  if (wrong > 0) throw new CannotMeasure(`Cannot measure: ${wrong} lines were not expected`);
  return { start, lateness, interval, memory };
}

async function steady(server: Worker): Promise<[Lateness, Interval]> {
  await server.ask("lateness");
  await server.ask("begin");
  await delay(DURATION);
  const interval = await server.ask("end") as Interval;
  return [await server.ask("lateness") as Lateness, interval];
}

function startResult(ours: readonly Reading[], floor: readonly Reading[]): Result {
  const of = (readings: readonly Reading[]) => spreadOf(readings.map(({ start }) => start / 1_000));
  return {
    work: "10,000 sequences: start of all",
    ours: `${of(ours).median.toFixed(1)} s`,
    floor: `${of(floor).median.toFixed(1)} s`,
    target: `<= ${START_TARGET} s`,
    met: of(ours).median <= START_TARGET,
    notes: [
      `ours ${formatSpread(of(ours))} s, floor ${
        formatSpread(of(floor))
      } s; the load begins them ` +
      `evenly over ${START_SPAN / 1_000} s`,
    ],
  };
}

function latenessResult(
  ours: readonly Reading[],
  floor: readonly Reading[],
  reading: Reading,
): Result {
  const of = (readings: readonly Reading[], key: keyof Lateness) =>
    spreadOf(readings.map(({ lateness }) => lateness[key]));
  const late = of(ours, "p99");
  const ratio = spreadOf(ours.map(({ lateness }, i) => lateness.p99 / floor[i]!.lateness.p99));
  const text = (readings: readonly Reading[]): string =>
    `p99 ${formatSpread(of(readings, "p99"), 1)} ms, p50 ${formatSpread(of(readings, "p50"), 1)} ` +
    `ms, largest ${of(readings, "most").max.toFixed(0)} ms, ${cost(readings)}`;
  return {
    work: "10,000 sequences: send lateness p99",
    ours: `${late.median.toFixed(1)} ms`,
    floor: `${of(floor, "p99").median.toFixed(1)} ms`,
    ratio,
    target: `<= ${MOST_RATIO} x a bare writer's`,
    met: ratio.median <= MOST_RATIO,
    notes: [
      `ours ${text(ours)}; floor ${text(floor)}; one that also reads the ACKs ${text([reading])}`,
    ],
  };
}

function cost(readings: readonly Reading[]): string {
  const each = spreadOf(readings.map(({ interval: { cpu, count } }) => cpu / count));
  const busy = spreadOf(readings.map(({ interval: { cpu, ms } }) => cpu / 10 / ms));
  return `${each.median.toFixed(1)} us CPU per number (${busy.median.toFixed(0)} % of a core)`;
}

function memoryResult(
  ours: readonly Reading[],
  floor: readonly Reading[],
  reading: Reading,
): Result {
  const of = (readings: readonly Reading[], key: keyof Memory): Spread =>
    spreadOf(readings.map(({ memory }) => memory[key] / CLIENTS / 1_024));
  const held = of(ours, "held");
  const ratio = (key: keyof Memory): Spread =>
    spreadOf(ours.map(({ memory }, i) => memory[key] / floor[i]!.memory[key]));
  const ratios = { held: ratio("held"), resident: ratio("resident") };
  const text = (readings: readonly Reading[]): string =>
    `${formatSpread(of(readings, "held"), 1)} KiB held and ` +
    `${formatSpread(of(readings, "resident"), 1)} KiB resident`;
  return {
    work: "10,000 sequences: server memory per session",
    ours: `${held.median.toFixed(1)} KiB`,
    floor: `${of(floor, "held").median.toFixed(1)} KiB`,
    ratio: ratios.held,
    target: `<= ${MOST_RATIO} x a bare writer's`,
    met: ratios.held.median <= MOST_RATIO && ratios.resident.median <= MOST_RATIO,
    notes: [
      `held is heap and external memory after a collection; ours ${text(ours)}, floor ` +
      `${text(floor)}, one that also reads the ACKs ${text([reading])}; resident memory, which ` +
      `includes what was not collected in time, is ${formatSpread(ratios.resident)} x the floor's`,
    ],
  };
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const CLIENTS = 10_000;
const ROUNDS = 3;
/** In ms, like all here. */
const INTERVAL = 1_000;
/** Two intervals, so that numbers are due evenly over each. */
const START_SPAN = 2_000;
/** From the last start to the start of the measurement. */
const SETTLE = 2_000;
const DURATION = 6_000;
/** Of lateness and of memory, ours to the floor's. */
const MOST_RATIO = 1.5;
/** In seconds. */
const START_TARGET = 10;

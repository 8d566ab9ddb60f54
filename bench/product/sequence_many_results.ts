/**
 * What is asked of 10,000 sequences, and how it came out.
 *
 * This file knows readings and targets. It does not know how a reading is taken.
 *
 * @module
 */
import type { Lateness } from "../harness/lateness.ts";
import type { PeerLine, Result } from "../harness/row.ts";
import { formatSpread, type Spread, spreadOf } from "../harness/spread.ts";
import { v8FlagsOf } from "../harness/task_flags.ts";
import type { Interval, Memory } from "../harness/worker.ts";

/** How many clients there are, with one sequence each. */
export const CLIENTS = 10_000;
/** Options of servers, ours and bare ones alike. */
export const V8_FLAGS: readonly string[] = v8FlagsOf("seq-server");
/** All begin in so many ms, two intervals, so that numbers are due evenly over each. */
export const START_SPAN = 2_000;
/** In ms from the last start to the start of the measurement. */
export const SETTLE = 2_000;
/** How long is measured, in ms. */
export const DURATION = 6_000;
/** The same where all must have come that is not collected. */
export const LONG = 60_000;

/** One side in one round. */
export interface Reading {
  /** From the first connection until all clients have a session, in ms. */
  readonly start: number;
  readonly lateness: Lateness;
  readonly interval: Interval;
  readonly memory: Memory;
}

/** A peer over all rounds. */
export interface PeerReadings {
  readonly name: string;
  /** Of the last rounds, where it could not be read in all. */
  readonly readings: readonly Reading[];
  /** How many it was asked for: half of them where it could not hold as many. */
  readonly streams: number;
}

/** How long it took until all clients had a session. */
export function startResult(ours: readonly Reading[], floor: readonly Reading[]): Result {
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

/** How late numbers left; also by one that reads, and without options of V8. */
export function latenessResult(
  ours: readonly Reading[],
  floor: readonly Reading[],
  { reading, untold }: { readonly reading: Reading; readonly untold: Reading },
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
      `ours ${text(ours)}; floor ${text(floor)}; one that also reads the ACKs ${
        text([reading])
      }; ` +
      `ours without options of V8, in a minute, ${text([untold])}`,
    ],
  };
}

/** How late those of a peer left. */
export function latenessLine(other: PeerReadings, all: readonly Reading[]): PeerLine {
  const { name, readings, streams } = other;
  const ours = beside(other, all);
  const p99 = (readings: readonly Reading[]) => spreadOf(readings.map((one) => one.lateness.p99));
  const ratio = spreadOf(ours.map(({ lateness }, i) => lateness.p99 / readings[i]!.lateness.p99));
  const start = spreadOf(readings.map(({ start }) => start / 1_000));
  return {
    name,
    ours: `${p99(ours).median.toFixed(1)} ms`,
    theirs: `${p99(readings).median.toFixed(1)} ms`,
    ratio,
    verdict: ratio.median <= 1 ? "ahead" : "behind",
    notes: [
      ...(streams < CLIENTS ? [`it could not hold more than ${streams} streams`] : []),
      `p99 ${formatSpread(p99(readings), 1)} ms, ${cost(readings)}, all were there after ` +
      `${formatSpread(start, 1)} s; ${WORK[name.split(" ")[0]!]}`,
    ],
  };
}

/** A peer by what is held, or by what is resident where a runtime does not tell the first. */
export function memoryLine(other: PeerReadings, all: readonly Reading[]): PeerLine {
  const { name, readings, streams } = other;
  const ours = beside(other, all);
  const told = readings.every(({ memory }) => memory.held !== undefined);
  const kind = told ? "held" : "resident";
  const each = (reading: Reading, kind: keyof Memory): number =>
    reading.memory[kind] / (readings.includes(reading) ? streams : CLIENTS) / 1_024;
  const text = (readings: readonly Reading[], kind: keyof Memory): string => {
    const { median } = spreadOf(readings.map((reading) => each(reading, kind)));
    return `${median.toFixed(1)} KiB${kind === "held" ? "" : " resident"}`;
  };
  const ratio = spreadOf(ours.map((reading, i) => each(reading, kind) / each(readings[i]!, kind)));
  return {
    name,
    ours: text(ours, kind),
    theirs: text(readings, kind),
    ratio,
    verdict: ratio.median <= 1 ? "ahead" : "behind",
    notes: told ? [`${text(readings, "resident")}, ours ${text(ours, "resident")}`] : [],
  };
}

/** Ours in the rounds in which a peer was read. */
function beside({ readings }: PeerReadings, ours: readonly Reading[]): readonly Reading[] {
  return ours.slice(-readings.length);
}

function cost(readings: readonly Reading[]): string {
  const each = spreadOf(readings.map(({ interval: { cpu, count } }) => cpu / count));
  const busy = spreadOf(readings.map(({ interval: { cpu, ms } }) => cpu / 10 / ms));
  return `${each.median.toFixed(1)} us CPU per number (${busy.median.toFixed(0)} % of a core)`;
}

/** What a session takes, next to a server that writes alone. */
export function memoryResult(
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

/** What a session takes of the process as it runs, by the most that was seen. */
export function residentResult(
  ours: readonly Reading[],
  floor: readonly Reading[],
  { long, untold }: { readonly long: Reading; readonly untold: Reading },
): Result {
  const of = (readings: readonly Reading[]): Spread =>
    spreadOf(readings.map(({ memory }) => memory.resident / CLIENTS / 1_024));
  const all = of([...ours, long]);
  return {
    work: "10,000 sequences: resident memory per session",
    ours: `${all.max.toFixed(1)} KiB`,
    floor: `${of(floor).max.toFixed(1)} KiB`,
    target: `<= ${MOST_MEMORY} KiB`,
    met: all.max <= MOST_MEMORY,
    notes: [
      `the most of ${ours.length} readings after ${(SETTLE + DURATION) / 1_000} s, ` +
      `${formatSpread(of(ours), 1)} KiB, and one after ${(SETTLE + LONG) / 1_000} s, ` +
      `${of([long]).max.toFixed(1)} KiB, less what was resident before the clients came; all by ` +
      `\`${V8_FLAGS.join(" ")}\`, as \`deno task seq-server\` runs; without it ` +
      `${of([untold]).max.toFixed(1)} KiB after ${
        (SETTLE + LONG) / 1_000
      } s, for V8 then lets garbage lie`,
    ],
  };
}

/** Where the work of a peer differs from ours, by the first word of its name. */
const WORK: Readonly<Record<string, string>> = {
  Python:
    "the same lines over bare sockets from a wheel of milliseconds, ACKs read, no session kept",
  "socket.io":
    "connection state recovery of 30 s, an event for each number from the same wheel and " +
    "one back for every three; its clients are as lean as ours, and begin one every 2 ms, as fast as it " +
    "accepts them while it sends",
};
/** Of lateness and of memory, ours to the floor's. */
const MOST_RATIO = 1.5;
/** In KiB a session. */
const MOST_MEMORY = 16;
/** In seconds. */
const START_TARGET = 10;

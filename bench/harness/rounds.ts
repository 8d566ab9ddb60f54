/**
 * Ours, the floor and peers in turns, so that what the machine does meanwhile falls on all of them.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Load, type Worker } from "./children.ts";
import { peerLine, type Result } from "./row.ts";
import { formatRate, formatSpread, medianOf, range, ratioOf, type Spread } from "./statistics.ts";
import type { Interval } from "./worker.ts";

/** One side, round by round. */
export interface Reading {
  /** Who it is; ours and the floor have no name. */
  readonly name: string;
  /** Things a second. */
  readonly rate: readonly number[];
  /** CPU microseconds per thing. */
  readonly cpu: readonly number[];
  /** Percent of one core that was used: near 100 (or above), the receiver was the bottleneck. */
  readonly busy: readonly number[];
}

/** Ours, the floor, and peers. */
export type Readings<Side = Reading> = readonly [ours: Side, floor: Side, ...peers: Side[]];

/** How {@linkcode compare} puts load on one side. */
export interface LoadedRounds {
  /** Starts the load on a worker. */
  start(worker: Worker): Pick<Load, "check" | "stop">;
  /** Rounds that count; one more warms up. @default 5 */
  rounds?: number;
  /** How long each side is measured in a round, in ms. @default 1000 */
  duration?: number;
  /** The load is more than either side can take; a round in which it was not is repeated. */
  flood?: boolean;
  /** For the load to come at all, and for a receiver under load to answer, in ms. @default 15_000 */
  patience?: number;
}

/** Runs all sides in turns, the first to go changing each round, after a round that warms up. */
export async function compare(workers: Readings<Worker>, how: LoadedRounds): Promise<Readings> {
  const { rounds = 5, flood = false } = how;
  const taken: Interval[][] = [];
  for (let round = 0, repeats = 0; taken.length < rounds; round++) {
    const found: Interval[] = [];
    const order = [...workers.keys()];
    for (const side of round % 2 === 0 ? order : order.reverse()) {
      found[side] = await underLoad(workers[side]!, how);
    }
    const thin = flood && found.slice(0, 2).some((interval) => busy(interval) < SATURATED);
    // The load had to share a core and came too thin.
    if (thin && repeats < rounds && round > 0) repeats++;
    else if (round > 0) taken.push(found);
  }
  const readings = workers.map(({ name }, side) => readingOf(name, taken.map((all) => all[side]!)));
  return readings as unknown as Readings;
}

/** One side, of what was measured round by round. */
export function readingOf(name: string, intervals: readonly Interval[]): Reading {
  return {
    name,
    rate: intervals.map(({ count, ms }) => count / ms * 1000),
    cpu: intervals.map(({ cpu, count }) => cpu / count),
    busy: intervals.map(busy),
  };
}

/** Asks workers in turns for what they made of a run; the first rounds warm up. */
export async function alternate<Answer = number>(
  workers: readonly Worker[],
  rounds = 7,
  warmUps = 2,
): Promise<Answer[][]> {
  const found: Answer[][] = workers.map(() => []);
  for (let round = -warmUps; round < rounds; round++) {
    for (const [side, worker] of workers.entries()) {
      const answer = await worker.ask("run") as Answer;
      if (round >= 0) found[side]!.push(answer);
    }
  }
  return found;
}

/** How sides are told. */
export interface Telling {
  readonly work: string;
  /** What is counted, in one word. */
  readonly thing: string;
  /** What counts: things a second, or CPU time for each. */
  readonly by: "rate" | "cpu";
  /** How that is written. */
  readonly format?: (figure: number) => string;
}

/** A line without its target: ours next to floor and peers. */
export function resultOf(
  { work, thing, by, format = by === "rate" ? formatRate : formatCpu }: Telling,
  readings: Readings,
  ...notes: string[]
): Omit<Result, "target" | "met"> & { ratio: Spread } {
  const [ours, floor, ...peers] = readings;
  const text = (side: Reading): string => format(medianOf(side[by]));
  const figures = (side: Reading) => by === "rate" ? side.rate : side.cpu.map((cpu) => 1 / cpu);
  return {
    work,
    ours: text(ours),
    floor: text(floor),
    ratio: ratioOf(figures(ours), figures(floor)),
    checked: ratioOf(floor.cpu, ours.cpu),
    peers: peers.map((peer) => {
      const sides = [figures(ours), figures(peer)] as const;
      return peerLine(peer.name, [text(ours), text(peer)], sides, "more", costOf(peer, thing));
    }),
    notes: [noteOf(readings, thing), ...notes],
  };
}

/** What the CPU clock says, which a busy machine disturbs less than the rate. */
export function noteOf([ours, floor]: Readings, thing: string): string {
  const thrift = formatSpread(ratioOf(floor.cpu, ours.cpu));
  return `ours ${costOf(ours, thing)}, floor ${
    costOf(floor, thing)
  }, by CPU time ${thrift} x the floor`;
}

/** The price of a thing for one side, in words. */
export function costOf({ rate, cpu, busy }: Reading, thing: string): string {
  const price = medianOf(cpu) < 0.01 ? `${range(cpu, 2, 1_000)} ns` : `${range(cpu)} us`;
  const share = medianOf(busy).toFixed(0);
  return `${price} CPU per ${thing} at ${formatRate(medianOf(rate))} (${share} % of a core)`;
}

async function underLoad(worker: Worker, how: LoadedRounds): Promise<Interval> {
  const { patience = PATIENCE, duration = 1_000 } = how;
  const ask = (question: string) => within(patience, worker.ask(question));
  const before = await ask("count");
  const load = how.start(worker);
  // Ten thousand connections take a while on a busy machine.
  for (let waited = 0; await ask("count") === before && waited < patience; waited += REST) {
    load.check();
    await delay(REST);
  }
  await delay(SETTLE);
  await ask("begin");
  await delay(duration);
  const interval = await ask("end") as Interval;
  load.check();
  await load.stop();
  await delay(REST);
  if (interval.count === 0) throw new CannotMeasure("no load reached the receiver");
  return interval;
}

/** An answer, unless the load keeps the receiver from giving any. */
async function within(patience: number, answer: Promise<unknown>): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new CannotMeasure(
      `the receiver said nothing for ${patience / 1_000} s under its load: ` +
        "it needs more CPU than this machine leaves it now",
    );
    timer = setTimeout(() => reject(error), patience);
  });
  return await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}

function formatCpu(us: number): string {
  return `${us.toFixed(1)} us CPU`;
}

function busy({ cpu, ms }: Interval): number {
  return cpu / 10 / ms;
}

/** A receiver that used less of a core, in percent, was not the bottleneck. */
const SATURATED = 80;
/** From the first of the load to the start of the measurement, in ms. */
const SETTLE = 200;
const PATIENCE = 15_000;
/** For the receiver to take what is left before the other side's turn, in ms. */
const REST = 100;

/**
 * Ours, the floor and peers under the same load, in turns.
 *
 * This file knows rounds. It does not know what the sides do: all are workers that answer `begin` and
 * `end`, or `run`.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Load, type Worker } from "./children.ts";
import type { Peer } from "../peers/peers.ts";
import { formatRate, formatSpread, type Spread, spreadOf } from "./spread.ts";
import type { Interval } from "./worker.ts";

/** The sides of a comparison. */
export interface Sides {
  /** The library. */
  readonly ours: Worker;
  /** The least code that does it in the same runtime. */
  readonly floor: Worker;
  /** What others would take, as far as this machine has it. @default [] */
  readonly peers?: readonly Peer[];
}

/** What {@linkcode compare} found. */
export interface Comparison {
  /** Ours, over all rounds. */
  readonly ours: Reading;
  /** The floor, over all rounds. */
  readonly floor: Reading;
  /** Rate of ours divided by rate of the floor, round by round. */
  readonly rate: Spread;
  /** CPU time per thing of the floor divided by that of ours, round by round. */
  readonly thrift: Spread;
  /** Ours next to each peer, in the order in which they were given. */
  readonly peers: readonly PeerComparison[];
  /** Rounds that were measured again: the load had to share a core and came too thin. */
  readonly repeated: number;
}

/** Ours next to one peer. */
export interface PeerComparison extends Pick<Comparison, "rate" | "thrift"> {
  /** Who it is. */
  readonly name: string;
  /** The peer, over all rounds. */
  readonly peer: Reading;
}

/** One side over all rounds. */
export interface Reading {
  /** Things a second. */
  readonly rate: Spread;
  /** CPU microseconds per thing. */
  readonly cpu: Spread;
  /** Share of one core that was used: near 1 (or above), the receiver was the bottleneck. */
  readonly busy: Spread;
}

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
export async function compare(sides: Sides, how: LoadedRounds): Promise<Comparison> {
  const { rounds = 5, duration = 1_000, flood = false } = how;
  const peers = sides.peers ?? [];
  const workers = [sides.ours, sides.floor, ...peers];
  const taken: Interval[][] = workers.map(() => []);
  let repeated = 0;
  for (let round = 0; taken[0]!.length < rounds; round++) {
    const found = await inTurns(workers, how, duration, round % 2 === 0);
    if (round === 0) continue;
    const thin = flood && found.slice(0, 2).some((interval) => busy(interval) < SATURATED);
    if (thin && repeated < rounds) {
      repeated++;
      continue;
    }
    for (const [side, interval] of found.entries()) taken[side]!.push(interval);
  }
  const [ours, floor, ...theirs] = taken as [Interval[], Interval[], ...Interval[][]];
  return {
    ours: readingOf(ours),
    floor: readingOf(floor),
    ...ratios(ours, floor),
    peers: theirs.map((peer, i) => ({
      name: peers[i]!.name,
      peer: readingOf(peer),
      ...ratios(ours, peer),
    })),
    repeated,
  };
}

/** Rates of workers that need no load, in turns. */
export interface Alternation {
  /** Ours, over all rounds. */
  readonly ours: Spread;
  /** The floor, over all rounds. */
  readonly floor: Spread;
  /** Ours divided by the floor, round by round. */
  readonly ratio: Spread;
  /** Each peer over all rounds, and ours divided by it round by round. */
  readonly peers: readonly {
    readonly name: string;
    readonly rate: Spread;
    readonly ratio: Spread;
  }[];
}

/** Runs all sides in turns; each answers `run` with a rate. The first rounds warm up. */
export async function alternate(sides: Sides, rounds = 7): Promise<Alternation> {
  const peers = sides.peers ?? [];
  const workers = [sides.ours, sides.floor, ...peers];
  const rates: number[][] = workers.map(() => []);
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const [side, worker] of workers.entries()) {
      const rate = await worker.ask("run") as number;
      if (round >= 0) rates[side]!.push(rate);
    }
  }
  const [ours, floor, ...theirs] = rates as [number[], number[], ...number[][]];
  const ratio = (other: number[]) => spreadOf(ours.map((rate, i) => rate / other[i]!));
  return {
    ours: spreadOf(ours),
    floor: spreadOf(floor),
    ratio: ratio(floor),
    peers: theirs.map((rates, i) => ({
      name: peers[i]!.name,
      rate: spreadOf(rates),
      ratio: ratio(rates),
    })),
  };
}

/** What the CPU clock says, which a busy machine disturbs less than the rate. */
export function noteOf({ ours, floor, thrift, repeated }: Comparison, thing: string): string {
  const notes = [
    `ours ${costOf(ours, thing)}`,
    `floor ${costOf(floor, thing)}`,
    `by CPU time ${formatSpread(thrift)} x the floor`,
  ];
  if (repeated > 0) notes.push(`${repeated} rounds with too thin a load were repeated`);
  return notes.join(", ");
}

/** The price of a thing for one side, in words. */
export function costOf({ rate, cpu, busy }: Reading, thing: string): string {
  const { median } = cpu;
  const price = median < 0.01 ? `${(median * 1_000).toFixed(2)} ns` : `${median.toFixed(2)} us`;
  return `${price} CPU per ${thing} at ${formatRate(rate.median)} ` +
    `(${(busy.median * 100).toFixed(0)} % of a core)`;
}

async function inTurns(
  workers: readonly Worker[],
  how: LoadedRounds,
  duration: number,
  forwards: boolean,
): Promise<Interval[]> {
  const found: Interval[] = [];
  const order = [...workers.keys()];
  for (const side of forwards ? order : order.reverse()) {
    found[side] = await loaded(workers[side]!, how, duration);
  }
  return found;
}

function ratios(ours: readonly Interval[], other: readonly Interval[]) {
  return {
    rate: spreadOf(ours.map((interval, i) => rate(interval) / rate(other[i]!))),
    thrift: spreadOf(ours.map((interval, i) => cpu(other[i]!) / cpu(interval))),
  };
}

async function loaded(worker: Worker, how: LoadedRounds, duration: number): Promise<Interval> {
  const { patience = PATIENCE } = how;
  const ask = (question: string) => prompt(worker, question, patience);
  const before = await ask("count");
  const load = how.start(worker);
  // Ten thousand connections take a while on a busy machine.
  for (
    let waited = 0;
    await ask("count") === before && waited < patience;
    waited += REST
  ) {
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
  if (interval.count === 0) throw new CannotMeasure("Cannot measure: no load reached the receiver");
  return interval;
}

/** An answer, unless the load keeps the receiver from giving any. */
async function prompt(worker: Worker, question: string, patience: number): Promise<unknown> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const cause =
      `Cannot measure: the receiver said nothing for ${patience / 1_000} s under its load: ` +
      "it needs more CPU than this machine leaves it now";
    timer = setTimeout(() => reject(new CannotMeasure(cause)), patience);
  });
  try {
    return await Promise.race([worker.ask(question), late]);
  } finally {
    clearTimeout(timer);
  }
}

function readingOf(intervals: readonly Interval[]): Reading {
  return {
    rate: spreadOf(intervals.map(rate)),
    cpu: spreadOf(intervals.map(cpu)),
    busy: spreadOf(intervals.map(busy)),
  };
}

function rate({ count, ms }: Interval): number {
  return count / ms * 1000;
}

function cpu(interval: Interval): number {
  return interval.cpu / interval.count;
}

function busy({ cpu, ms }: Interval): number {
  return cpu / 1000 / ms;
}

/** A receiver that used less of a core was not the bottleneck. */
const SATURATED = 0.8;
/** From the first of the load to the start of the measurement, in ms. */
const SETTLE = 200;
const PATIENCE = 15_000;
/** For the receiver to take what is left before the other side's turn, in ms. */
const REST = 100;
/** Rounds until the compiler has settled. */
const WARM_UPS = 2;

/**
 * TCP heartbeats of ever more connections at one rate in all, so that nothing but their number changes.
 *
 * This file knows the course of events. It does not know how a curve is judged or drawn.
 *
 * The rate is low: at a high one a read from few connections returns several messages, and one from many
 * does not, so that their messages could not be compared. The row `tcp-many` has high rates.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure } from "../harness/children.ts";
import { pointOf, type Reading, resultsOf, writeGrowth } from "./growth.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { quantile } from "../harness/spread.ts";
import type { Interval } from "../harness/worker.ts";

/** CPU per message, memory per client and alarm lateness, from 100 to 10,000 connections. */
export const growthTcp: Row = {
  name: "growth-tcp",
  summary: "100 to 10,000 TCP connections at 10,000 heartbeats/s in all",
  async measure(tools: Tools): Promise<Result[]> {
    const readings = new Map<number, Reading[]>(SIZES.map((size) => [size, []]));
    for (let round = 0; round < ROUNDS; round++) {
      // There and back, so that what a machine does meanwhile does not fall on one end.
      for (const size of round % 2 === 0 ? SIZES : SIZES.toReversed()) {
        readings.get(size)!.push(await read(tools, size));
      }
    }
    const points = SIZES.map((size) => pointOf(size, readings.get(size)!));
    if (tools.write) writeGrowth("TCP", points);
    return resultsOf("TCP", points);
  },
};

async function read({ children, loads }: Tools, size: number): Promise<Reading> {
  const server = await children.worker("growth/workers/tcp_watch.ts", TIMEOUT);
  const beats = (connections: number, ms: number, stopped = 0, stopAt = ms) =>
    children.load(
      loads.program("tcp_beats"),
      ...[server.ready.port, connections, RATE, ms, stopped, stopAt],
    );

  const first = beats(FEW, WARM_UP);
  await delay(WARM_UP);
  await first.stop();
  await delay(REST);
  await server.ask("restart");
  const stopped = Math.min(size / 10, MOST_STOPPED);
  const stopAt = size / CONNECTS_PER_MS + SETTLE;
  const end = stopAt + ALL_STOPPED + TIMEOUT + REST;
  const load = beats(size, end, stopped, stopAt);
  await delay(stopAt);
  await server.ask("begin");
  await delay(TIMEOUT - REST);
  const interval = await server.ask("end") as Interval;
  await delay(end - stopAt - TIMEOUT);
  const { lateness } = await server.ask("alarms") as { lateness: number[] };
  const memory = await server.ask("memory") as { clients: number; held: number };
  await load.stop();
  await server.stop();
  const bare = { cpu: await bareCpu({ children, loads }, size) };
  if (memory.clients !== size || lateness.length < stopped) {
    throw new CannotMeasure(
      `Cannot measure: ${memory.clients} of ${size} clients connected and ${lateness.length} of ` +
        `${stopped} that fell silent were found`,
    );
  }
  const late = lateness.toSorted((a, b) => a - b);
  return {
    cpu: interval.cpu / interval.count,
    bare,
    memory: memory.held / size,
    late: { p99: quantile(late, 0.99), most: late.at(-1)! },
  };
}

/** What a loop that only reads takes for the same messages. */
async function bareCpu(
  { children, loads }: Pick<Tools, "children" | "loads">,
  size: number,
): Promise<number> {
  const floor = await children.worker("floors/tcp.ts", SMALL_READ);
  const connected = size / CONNECTS_PER_MS + SETTLE;
  const end = connected + LOOK + REST;
  const program = loads.program("tcp_beats");
  const load = children.load(program, floor.ready.port, size, RATE, end);
  await delay(connected);
  await floor.ask("begin");
  await delay(LOOK);
  const { cpu, count } = await floor.ask("end") as Interval;
  await load.stop();
  await floor.stop();
  return cpu / count;
}

const SIZES = [100, 1_000, 10_000];
const ROUNDS = 3;
/** Heartbeats a second. */
const RATE = 10_000;
/** As fast as the load connects. */
const CONNECTS_PER_MS = 10;
/** So many connections warm the server up. */
const FEW = 100;
const MOST_STOPPED = 1_000;
/** Bytes that the bare loop reads at once, as the library does while messages come one at a time. */
const SMALL_READ = 256;
/** In ms, like all below: more than the period of 10,000 connections at this rate. */
const TIMEOUT = 5_000;
const WARM_UP = 1_500;
const SETTLE = 2_000;
const REST = 500;
/** The bare loop's CPU time is read over so long; the library's over most of the timeout. */
const LOOK = 3_000;
/** They stop within this time. */
const ALL_STOPPED = 1_000;

/**
 * UDP heartbeats of ever more clients at one rate in all, so that nothing but their number changes.
 *
 * This file knows the course of events. It does not know how a curve is judged or drawn.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Children, type Load, type Worker } from "../harness/children.ts";
import { type Cpu, pointOf, type Reading, resultsOf, writeGrowth } from "./growth.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { quantile } from "../harness/spread.ts";
import type { Interval } from "../harness/worker.ts";

/** CPU per message, memory per client and alarm lateness, from 100 to 100,000 clients. */
export const growthUdp: Row = {
  name: "growth-udp",
  summary: "100 to 100,000 UDP clients at 10,000 datagrams/s in all",
  async measure(tools: Tools): Promise<Result[]> {
    const program = tools.loads.program("udp_beats");
    const readings = new Map<number, Reading[]>(SIZES.map((size) => [size, []]));
    for (let round = 0; round < ROUNDS; round++) {
      // There and back, so that what a machine does meanwhile does not fall on one end.
      for (const size of round % 2 === 0 ? SIZES : SIZES.toReversed()) {
        readings.get(size)!.push(await read(tools, program, size, SIZES.at(-1)!));
      }
    }
    const points = SIZES.map((size) => pointOf(size, readings.get(size)!));
    if (tools.write) writeGrowth("UDP", points);
    return resultsOf("UDP", points);
  },
};

async function read(
  { children }: Tools,
  program: string[],
  size: number,
  most: number,
): Promise<Reading> {
  const period = Math.ceil(size / RATE * 1_000);
  const timeout = Math.max(LEAST_TIMEOUT, 1.3 * period);
  const server = await children.worker("product/workers/udp_watch.ts", timeout);
  const beats = beatsOn(server, children, program);

  // As many for every size: V8 makes the young generation larger while clients come, and leaves it so.
  const warmUp = most / REGISTERS_PER_MS + REST;
  const first = beats(most, RATE, warmUp);
  await delay(warmUp + REST);
  await server.ask("restart");
  await first.stop();
  const stopped = Math.min(size / 10, MOST_STOPPED);
  // A first datagram may be lost, the next one comes within a period.
  const settled = size / REGISTERS_PER_MS + period + SETTLE;
  const end = settled + ALL_STOPPED + timeout + REST;
  const load = beats(size, RATE, end, stopped, settled);
  await delay(settled - SETTLE);
  await server.ask("collect");
  await delay(SETTLE);
  await server.ask("begin");
  await delay(timeout - REST);
  const interval = await server.ask("end") as Interval;
  await delay(end - settled - timeout + REST);
  const { lateness } = await server.ask("alarms") as { lateness: number[] };
  const memory = await server.ask("memory") as { clients: number; held: number };
  await load.stop();
  await server.ask("restart");
  const busy = await cpuAt(BUSY_RATE, server, size, beats);
  await server.stop();
  const bare = await bareCpu(children, program, size);
  // On a busy machine the kernel may drop a few; a client whose datagram was lost is alarmed as well.
  if (memory.clients < ENOUGH * size || lateness.length < ENOUGH * stopped) {
    throw new CannotMeasure(
      `Cannot measure: ${memory.clients} of ${size} clients were heard and ${lateness.length} ` +
        `of ${stopped} that fell silent were alarmed`,
    );
  }
  const late = lateness.toSorted((a, b) => a - b);
  return {
    cpu: interval.cpu / interval.count,
    busy,
    bare,
    memory: memory.held / memory.clients,
    late: { p99: quantile(late, 0.99), most: late.at(-1)! },
  };
}

/** What a loop that only receives takes for the same datagrams. */
async function bareCpu(children: Children, program: string[], size: number): Promise<Cpu<number>> {
  const floor = await children.worker("floors/udp.ts");
  const beats = beatsOn(floor, children, program);
  const cpu = await cpuAt(RATE, floor, size, beats);
  const busy = await cpuAt(BUSY_RATE, floor, size, beats);
  await floor.stop();
  return { cpu, busy };
}

/** CPU time per message with so many messages a second. */
async function cpuAt(rate: number, worker: Worker, size: number, beats: Beats): Promise<number> {
  const known = size / REGISTERS_PER_MS + REST;
  const load = beats(size, rate, known + SETTLE + LOOK + REST);
  await delay(known);
  // What the clients before left behind is garbage that these must not pay for.
  await worker.ask("collect");
  await delay(SETTLE);
  await worker.ask("begin");
  await delay(LOOK);
  const { cpu, count } = await worker.ask("end") as Interval;
  await load.stop();
  return cpu / count;
}

/** Starts clients that send so many datagrams a second in all; some stop at an instant. */
type Beats = (clients: number, rate: number, ms: number, stopped?: number, stopAt?: number) => Load;

function beatsOn({ ready }: Worker, children: Children, program: string[]): Beats {
  return (clients, rate, ms, stopped = 0, stopAt = 0) =>
    children.load(
      program,
      ...[ready.port, clients, stopped, stopAt, ms, Math.ceil(clients / rate * 1_000)],
    );
}

const SIZES = [100, 1_000, 10_000, 100_000];
const ROUNDS = 3;
/** Datagrams a second. */
const RATE = 10_000;
/** The same when the server is to be busy: 100,000 clients then beat once a second. */
const BUSY_RATE = 100_000;
/** As fast as the load makes clients known. */
const REGISTERS_PER_MS = 25;
const MOST_STOPPED = 1_000;
/** The share of clients without which there is nothing to say. */
const ENOUGH = 0.98;
/** In ms, like all below; longer where the period is. */
const LEAST_TIMEOUT = 5_500;
const SETTLE = 1_500;
const REST = 500;
/** CPU time is read over so long. */
const LOOK = 3_000;
/** They stop within this time. */
const ALL_STOPPED = 1_000;

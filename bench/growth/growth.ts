/**
 * Heartbeats of ever more clients at one rate in all, so that nothing but their number changes.
 *
 * The rate is low: over TCP, at a high one a read from few connections returns several messages, and one
 * from many does not, so that their messages could not be compared. The row `tcp-many` has high rates.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Load, type Worker } from "../harness/children.ts";
import type { LoadPrograms } from "../harness/load.ts";
import type { Row, Tools } from "../harness/row.ts";
import { latenessOf } from "../harness/statistics.ts";
import { SMALL_READ } from "../product/tcp_many.ts";
import { pointOf, type Reading, resultsOf, writeGrowth } from "./curves.ts";

/** One protocol. */
interface Growth {
  readonly name: "UDP" | "TCP";
  readonly summary: string;
  /** Numbers of clients, from the fewest to the most. */
  readonly sizes: readonly number[];
  /** What the floor is started with. */
  readonly floor: readonly [string, ...number[]];
  /** As many warm a server up, whatever the number that is looked at. */
  readonly warmUp: number;
  /** Clients that the load makes known in a ms. */
  readonly perMs: number;
  /** The server is to begin anew after others had come. */
  readonly restarts: boolean;
  /** A client that was lost is no fault. */
  readonly enough: number;
  /** Messages a second when the server is to be busy, too. */
  readonly busy?: number;
  /** Longer than a client is silent that has not fallen silent, in ms. */
  timeout(size: number): number;
  beats(loads: LoadPrograms, port: number, beats: Beats): Load;
}

/** What clients send. */
interface Beats {
  readonly clients: number;
  /** Messages a second in all. */
  readonly rate: number;
  /** For so long, in ms. */
  readonly ms: number;
  /** So many fall silent within a second after an instant. */
  readonly stopped?: number;
  readonly stopAt?: number;
}

/** Messages a second. */
const RATE = 10_000;
const ROUNDS = 3;
const MOST_STOPPED = 1_000;
/** In ms, like all below. */
const SETTLE = 1_500;
const REST = 500;
/** CPU time is read over so long. */
const LOOK = 3_000;
/** They stop within this time. */
const ALL_STOPPED = 1_000;

/** CPU per message, memory per client and alarm lateness, from 100 to 100,000 clients. */
export const growthUdp: Row = rowOf({
  name: "UDP",
  summary: "100 to 100,000 UDP clients at 10,000 datagrams/s in all",
  sizes: [100, 1_000, 10_000, 100_000],
  floor: ["udp"],
  // V8 makes the young generation larger while clients come, and leaves it so.
  warmUp: 100_000,
  perMs: 25,
  restarts: true,
  // On a busy machine the kernel may drop a few; a client whose datagram was lost is alarmed as well.
  enough: 0.98,
  busy: 100_000,
  timeout: (size) => Math.max(5_500, 1.3 * periodOf(size)),
  beats: (loads, port, { clients, rate, ms, stopped = 0, stopAt = 0 }) =>
    loads.start("udp_beats", port, clients, stopped, stopAt, ms, periodOf(clients, rate)),
});

/** CPU per message, memory per client and alarm lateness, from 100 to 10,000 connections. */
export const growthTcp: Row = rowOf({
  name: "TCP",
  summary: "100 to 10,000 TCP connections at 10,000 heartbeats/s in all",
  sizes: [100, 1_000, 10_000],
  floor: ["tcp", SMALL_READ],
  warmUp: 100,
  perMs: 10,
  restarts: false,
  enough: 1,
  timeout: () => 5_000,
  beats: (loads, port, { clients, rate, ms, stopped = 0, stopAt = ms }) =>
    loads.start("tcp_beats", port, clients, rate, ms, stopped, stopAt),
});

function rowOf(growth: Growth): Row {
  const { name, summary, sizes } = growth;
  return {
    name: `growth-${name.toLowerCase()}`,
    summary,
    async measure(tools) {
      const readings = new Map<number, Reading[]>(sizes.map((size) => [size, []]));
      for (let round = 0; round < ROUNDS; round++) {
        // There and back, so that what a machine does meanwhile does not fall on one end.
        for (const size of round % 2 === 0 ? sizes : sizes.toReversed()) {
          readings.get(size)!.push(await read(tools, growth, size));
        }
      }
      const points = sizes.map((size) => pointOf(size, readings.get(size)!));
      if (tools.write) writeGrowth(name, points);
      return resultsOf(name, points);
    },
  };
}

/** When each of so many clients sends once, in ms. */
function periodOf(clients: number, rate = RATE): number {
  return Math.ceil(clients / rate * 1_000);
}

async function read(tools: Tools, growth: Growth, size: number): Promise<Reading> {
  const { name, warmUp, perMs, restarts, enough } = growth;
  const timeout = growth.timeout(size);
  const server = await tools.children.worker(
    `product/workers/${name.toLowerCase()}.ts`,
    timeout,
  );
  const beats = (beats: Beats) => growth.beats(tools.loads, server.ready.port, beats);

  const ms = warmUp / perMs + SETTLE;
  const first = beats({ clients: warmUp, rate: RATE, ms });
  await delay(ms);
  await first.stop();
  await delay(REST);
  if (restarts) await server.ask("restart");
  await server.ask("rebase");

  const stopped = Math.min(size / 10, MOST_STOPPED);
  // A first datagram may be lost, the next one comes within a period.
  const stopAt = size / perMs + periodOf(size) + SETTLE;
  const end = stopAt + ALL_STOPPED + timeout + REST;
  // It goes on longer, should a machine be slow: connections that it closes are no clients any more.
  const beating = { clients: size, rate: RATE, ms: 2 * end, stopped, stopAt };
  const load = beats(beating);
  await delay(stopAt - SETTLE);
  await server.ask("lateness");
  const cpu = await cpuOf(server, timeout - REST);
  await delay(end - stopAt - timeout + REST);
  const late = latenessOf(await server.ask("lateness"));
  const clients = await server.ask("clients");
  const { held } = await server.ask("memory");
  await load.stop();
  if (restarts) await server.ask("restart");
  const busy = growth.busy && await cpuAt(tools, growth, server, size, growth.busy);
  await server.stop();

  const floor = await tools.children.worker("floors/deno.ts", ...growth.floor);
  const bareCpu = await cpuAt(tools, growth, floor, size, RATE);
  const bareBusy = growth.busy && await cpuAt(tools, growth, floor, size, growth.busy);
  await floor.stop();
  if (clients < enough * size || late.count < enough * stopped) {
    throw new CannotMeasure(
      `${clients} of ${size} clients were heard and ${late.count} of ${stopped} that fell silent were ` +
        "noticed",
    );
  }
  const memory = held / clients, { p99, most: latest } = late;
  return { cpu, bareCpu, ...(busy && { busy, bareBusy }), memory, late: p99, latest };
}

/** CPU time per message with so many messages a second. */
async function cpuAt(
  { loads }: Tools,
  { perMs, beats }: Growth,
  worker: Worker,
  clients: number,
  rate: number,
): Promise<number> {
  const known = clients / perMs + REST;
  const ms = known + SETTLE + LOOK + REST;
  const load = beats(loads, worker.ready.port, { clients, rate, ms });
  await delay(known);
  const cpu = await cpuOf(worker, LOOK);
  await load.stop();
  return cpu;
}

/** CPU time per message over so many ms. */
async function cpuOf(worker: Worker, ms: number): Promise<number> {
  // What the clients before left behind is garbage that these must not pay for.
  await worker.ask("collect");
  await delay(SETTLE);
  await worker.ask("begin");
  await delay(ms);
  const { cpu, count } = await worker.ask("end");
  return cpu / count;
}

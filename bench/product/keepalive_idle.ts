/**
 * 10,000 keepalive connections on which nothing happens but probes.
 *
 * This file knows the course of events and the target. It does not know how a server probes.
 *
 * Both servers have their connections for the whole row and probe them all the time, so both are read
 * over the same seconds: a neighbour on the machine disturbs them alike. Neither is near its limit, so
 * what is compared is CPU time.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, type Worker } from "../harness/children.ts";
import type { Result, Row, Tools } from "../harness/row.ts";
import { formatSpread, spreadOf } from "../harness/spread.ts";
import type { Interval } from "../harness/worker.ts";

/** What idle connections take of a core. */
export const keepaliveIdle: Row = {
  name: "keepalive-idle",
  summary: "10,000 idle keepalive connections probed every 5 s through serveKeepalive",
  async measure({ children }: Tools): Promise<Result[]> {
    const servers = [
      await children.worker("product/workers/keepalive_server.ts", INTERVAL, CLIENTS),
      await children.worker("floors/keepalive.ts", INTERVAL),
    ];
    const loads = await Promise.all(
      servers.map(({ ready }) =>
        children.worker("load/keepalive_load.ts", ready.port, CLIENTS, INTERVAL)
      ),
    );
    await Promise.all(loads.map((load) => load.ask("start")));
    await delay(SETTLE);
    const ours: Interval[] = [];
    const floor: Interval[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const [our, its] = await readAll(servers);
      ours.push(our!);
      floor.push(its!);
    }
    for (const [i, load] of loads.entries()) await checkAll(load, servers[i]!);
    for (const worker of [...loads, ...servers]) await worker.stop();
    return [result(ours, floor)];
  },
};

/** Every probe of one interval, on all servers at once. */
async function readAll(servers: readonly Worker[]): Promise<Interval[]> {
  for (const server of servers) await server.ask("begin");
  await delay(INTERVAL);
  return await Promise.all(servers.map((server) => server.ask("end") as Promise<Interval>));
}

async function checkAll(load: Worker, server: Worker): Promise<void> {
  const { open, wrong } = await load.ask("seen") as { open: number; wrong: number };
  const probed = await server.ask("probed") as number;
  if (open === CLIENTS && probed === CLIENTS && wrong === 0) return;
  throw new CannotMeasure(
    `Cannot measure: of ${CLIENTS} connections ${open} are open and ${probed} are probed, and ` +
      `${wrong} lines were not expected`,
  );
}

function result(ours: readonly Interval[], floor: readonly Interval[]): Result {
  const [our, its] = [shareOf(ours), shareOf(floor)];
  const each = (side: readonly Interval[]) => spreadOf(side.map(({ cpu, count }) => cpu / count));
  const ratio = spreadOf(ours.map((mine, i) => {
    const least = floor[i]!;
    return least.cpu / least.count / (mine.cpu / mine.count);
  }));
  return {
    work: "keepalive: 10,000 idle connections, a probe every 5 s each",
    ours: `${our.median.toFixed(1)} % of a core`,
    floor: `${its.median.toFixed(1)} % of a core`,
    ratio,
    checked: ratio,
    target: `<= ${TARGET} % of a core`,
    met: our.median <= TARGET,
    notes: [
      `ours ${formatSpread(our, 1)} % of a core, ${
        formatSpread(each(ours), 1)
      } us CPU for a probe ` +
      `and its answer; floor ${formatSpread(its, 1)} %, ${formatSpread(each(floor), 1)} us; ` +
      `${spreadOf(ours.map(({ count }) => count)).median} probes in ${INTERVAL / 1_000} s`,
    ],
  };
}

/** CPU time in percent of one core. */
function shareOf(intervals: readonly Interval[]) {
  return spreadOf(intervals.map(({ cpu, ms }) => cpu / 10 / ms));
}

const CLIENTS = 10_000;
const ROUNDS = 5;
const TARGET = 10;
/** In ms, like all here. */
const INTERVAL = 5_000;
/** From the last connection until all are probed at the interval, and the compiler has settled. */
const SETTLE = 6_000;

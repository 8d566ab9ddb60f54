/**
 * 10,000 keepalive connections on which nothing happens but probes.
 *
 * Both servers have their connections for the whole row and probe them all the time, so both are read
 * over the same seconds: a neighbour on the machine disturbs them alike. Neither is near its limit, so
 * what is compared is CPU time.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import { CannotMeasure, stopAll, type Worker } from "../harness/children.ts";
import { noteOf, readingOf } from "../harness/rounds.ts";
import { atMost, type Row } from "../harness/row.ts";
import { medianOf, range, ratioOf } from "../harness/statistics.ts";
import type { Interval } from "../harness/worker.ts";

/** What idle connections take of a core. */
export const keepaliveIdle: Row = {
  name: "keepalive-idle",
  summary: "10,000 idle keepalive connections probed every 5 s through serveKeepalive",
  onNode: true,
  async measure({ children }) {
    const servers = [
      await children.worker("product/workers/keepalive.ts", INTERVAL, CLIENTS),
      await children.worker("floors/deno.ts", "keepalive", INTERVAL),
    ];
    const loads = await Promise.all(
      servers.map(({ ready }) =>
        children.worker("load/keepalive_load.ts", ready.port, CLIENTS, INTERVAL)
      ),
    );
    await Promise.all(loads.map((load) => load.ask("start")));
    await delay(SETTLE);
    const taken: Interval[][] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      for (const server of servers) await server.ask("begin");
      await delay(INTERVAL);
      const found = await Promise.all(servers.map((server) => server.ask("end")));
      for (const [side, interval] of found.entries()) taken[side]!.push(interval);
    }
    for (const [i, load] of loads.entries()) await checkAll(load, servers[i]!);
    await stopAll(...loads, ...servers);
    const [ours, floor] = [readingOf("", taken[0]!), readingOf("", taken[1]!)];
    const ratio = ratioOf(floor.cpu, ours.cpu);
    return [{
      work: "keepalive: 10,000 idle connections, a probe every 5 s each",
      ours: `${medianOf(ours.busy).toFixed(1)} % of a core`,
      floor: `${medianOf(floor.busy).toFixed(1)} % of a core`,
      ratio,
      checked: ratio,
      ...atMost(10, "% of a core", medianOf(ours.busy)),
      notes: [
        `ours ${range(ours.busy, 1)} % of a core, floor ${range(floor.busy, 1)} %; ` +
        noteOf([ours, floor], "probe and its answer"),
      ],
    }];
  },
};

async function checkAll(load: Worker, server: Worker): Promise<void> {
  const { open, wrong } = await load.ask("seen");
  const probed = await server.ask("probed");
  if (open === CLIENTS && probed === CLIENTS && wrong === 0) return;
  throw new CannotMeasure(
    `of ${CLIENTS} connections ${open} are open and ${probed} are probed, and ${wrong} lines were not ` +
      "expected",
  );
}

const CLIENTS = 10_000;
const ROUNDS = 5;
/** In ms, like all here. */
const INTERVAL = 5_000;
/** From the last connection until all are probed at the interval, and the compiler has settled. */
const SETTLE = 6_000;

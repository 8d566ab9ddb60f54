/**
 * The way to a peer's server, which comes and goes as it does for the library's.
 *
 * This file knows when its way is open. It does not know who is on either side.
 *
 * @module
 */
import { openWay } from "../harness/outage.ts";
import { answer } from "../harness/worker.ts";

const way = await openWay(Deno.args[0] as "proxy" | "relay", Number(Deno.args[1]));

/** The instant at which the way is open again, in ms of the wall clock, which processes share. */
async function healed(outage: () => Promise<void>): Promise<number> {
  await outage();
  return performance.timeOrigin + performance.now();
}

await answer(
  { port: way.port },
  Object.fromEntries(
    Object.entries(way.outages).map(([name, outage]) => [name, () => healed(outage)]),
  ),
);

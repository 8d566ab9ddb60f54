/**
 * The way to a peer's server, which comes and goes as it does for the library's.
 *
 * @module
 */
import { openWay } from "../harness/outage.ts";
import { answer, wallClock } from "../harness/worker.ts";

const { port, outages } = await openWay(Deno.args[0] as "proxy" | "relay", Number(Deno.args[1]));

/** Each answers with the instant at which the way is open again. */
const answers = Object.entries(outages).map((
  [name, outage],
) => [name, () => outage().then(wallClock)]);
await answer({ port }, Object.fromEntries(answers));

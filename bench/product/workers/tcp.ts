/**
 * The library's TCP server, counted by the heartbeats that it knows of. With a timeout in ms, its user
 * looks at every event.
 *
 * @module
 */
import process from "node:process";
import { answerFor, taking, wallClock } from "../../harness/worker.ts";
import { serveTcpHeartbeats } from "../../../tcp/mod.ts";

const timeout = process.argv[2];
// While one load follows another, the connections of both are open for a moment.
const options = { port: 0, maxClients: 100_000 };
const server = await serveTcpHeartbeats(
  timeout === undefined ? options : { ...options, timeout: Number(timeout) },
);
const lateness = taking<number>();
const alarms = taking<number>();

async function watch(): Promise<void> {
  for await (const event of server) {
    if (event.type !== "down") continue;
    lateness.add(event.silentFor - event.timeout);
    alarms.add(wallClock());
  }
}

/** Keeps the loop from running, as a long computation does. */
function stall(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL);
}

/** In ms. */
const STALL = 3_500;

if (timeout !== undefined) void watch();
await answerFor(server.address.port, () => server.heartbeats, {
  stall,
  clients: () => server.clients().length,
  lateness: () => lateness.take(),
  alarms: () => alarms.take(),
});

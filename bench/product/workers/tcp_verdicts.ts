/**
 * The library's TCP server with many clients: whom it takes for silent, and when.
 *
 * This file knows the public API. It does not know which clients fall silent.
 *
 * @module
 */
import { answer, intervalAnswers, memoryAnswer } from "../../harness/worker.ts";
import { serveTcpHeartbeats } from "../../../tcp/mod.ts";

const server = await serveTcpHeartbeats({ port: 0, timeout: Number(Deno.args[0]) });
let alarms: number[] = [];

async function watch(): Promise<void> {
  for await (const event of server) {
    if (event.type === "down") alarms.push(performance.timeOrigin + performance.now());
  }
}

/** When clients were said to be silent, in ms of the wall clock, since this was last asked. */
function alarmsSince(): number[] {
  const taken = alarms;
  alarms = [];
  return taken;
}

/** Keeps the loop from running, as a long computation does. */
function stall(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STALL);
}

const STALL = 3_500;

void watch();
await answer({ port: server.address.port }, {
  ...intervalAnswers(() => server.heartbeats),
  ...memoryAnswer(),
  clients: () => server.clients().length,
  alarms: alarmsSince,
  stall,
});

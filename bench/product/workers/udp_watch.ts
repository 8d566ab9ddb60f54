/**
 * The library's UDP server with many clients: how late its alarms are and what a client costs.
 *
 * This file knows the public API. It does not know which clients fall silent.
 *
 * @module
 */
import { answer, intervalAnswers, memoryInUse } from "../../harness/worker.ts";
import { serveUdpHeartbeats } from "../../../udp/mod.ts";

const timeout = Number(Deno.args[0]);
let server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout: timeout });
const { port } = server.address;
let before = memoryInUse();
let lateness: number[] = [];
let recoveries = 0;
let overflowed = 0;

async function watch(): Promise<void> {
  for await (const event of server) {
    if (event.type === "recovered") recoveries++;
    if (event.type === "overflowed") overflowed += event.count;
    if (event.type === "down") lateness.push(event.silentFor - event.timeout);
  }
}

/**
 * Has a new server take the port, and counts what clients cost from there: what runs for the first time
 * takes memory of its own, and a server that forgets clients keeps their places for the next ones.
 */
async function restart(): Promise<void> {
  await server.close();
  server = await serveUdpHeartbeats({ port, autoRegisterTimeout: timeout });
  lateness = [];
  // What belongs to the old one is let go of in the next turns of the event loop.
  await new Promise((resolve) => setTimeout(resolve, REST));
  before = memoryInUse();
  void watch();
}

function memory(): unknown {
  const clients = server.clients().length;
  const { held, resident } = memoryInUse();
  return { clients, held: held - before.held, resident: resident - before.resident };
}

/** In ms. */
const REST = 100;

void watch();
await answer({ port }, {
  ...intervalAnswers(() => server.heartbeats),
  restart,
  memory,
  alarms: () => ({ lateness, recoveries, overflowed }),
});

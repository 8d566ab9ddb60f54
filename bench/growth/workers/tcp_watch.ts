/**
 * The library's TCP server with many clients: how late it finds them silent and what a client costs.
 *
 * This file knows the public API. It does not know which clients fall silent.
 *
 * @module
 */
import { answer, intervalAnswers, memoryInUse } from "../../harness/worker.ts";
import { serveTcpHeartbeats } from "../../../tcp/mod.ts";

const timeout = Number(Deno.args[0]);
// While one load follows another, the connections of both are open for a moment.
const server = await serveTcpHeartbeats({ port: 0, timeout, maxClients: 100_000 });
let before = memoryInUse();
let lateness: number[] = [];

async function watch(): Promise<void> {
  for await (const event of server) {
    if (event.type === "down") lateness.push(event.silentFor - event.timeout);
  }
}

function memory(): unknown {
  const clients = server.clients().length;
  const { held, resident } = memoryInUse();
  return { clients, held: held - before.held, resident: resident - before.resident };
}

/** Takes what is in use now for nothing: what runs for the first time takes memory of its own. */
function restart(): void {
  lateness = [];
  before = memoryInUse();
}

void watch();
await answer({ port: server.address.port }, {
  ...intervalAnswers(() => server.heartbeats),
  restart,
  memory,
  alarms: () => ({ lateness }),
});

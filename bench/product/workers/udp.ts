/**
 * The library's UDP server, counted by what it knows about its clients. With a timeout in ms, its user
 * looks at every event.
 *
 * @module
 */
import process from "node:process";
import { answerFor, taking } from "../../harness/worker.ts";
import { serveUdpHeartbeats } from "../../../udp/mod.ts";

const timeout = process.argv[2];
const autoRegisterTimeout = Number(timeout ?? 30_000);
let server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout });
const { port } = server.address;
const alarms = taking<number>();
let recoveries = 0;
let overflowed = 0;

async function watch(): Promise<void> {
  for await (const event of server) {
    if (event.type === "recovered") recoveries++;
    if (event.type === "overflowed") overflowed += event.count;
    if (event.type === "down") alarms.add(event.silentFor - event.timeout);
  }
}

/** Everything that came in, understood or not. */
function datagrams(): number {
  return Object.values(server.rejections()).reduce((sum, count) => sum + count, server.heartbeats);
}

/** Has a new server take the port: one that forgets clients keeps their places for the next ones. */
async function restart(): Promise<void> {
  await server.close();
  server = await serveUdpHeartbeats({ port, autoRegisterTimeout });
  alarms.take();
  void watch();
  // What belongs to the old one is let go of in the next turns of the event loop.
  await new Promise((resolve) => setTimeout(resolve, REST));
}

/** In ms. */
const REST = 100;

if (timeout !== undefined) void watch();
await answerFor(port, datagrams, {
  restart,
  clients: () => server.clients().length,
  lateness: () => alarms.take(),
  events: () => ({ recoveries, overflowed }),
});

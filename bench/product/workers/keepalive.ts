/**
 * The library's keepalive server, counted by the probes that were answered, with a user who looks at
 * every event.
 *
 * @module
 */
import process from "node:process";
import { answerFor } from "../../harness/worker.ts";
import { serveKeepalive } from "../../../keepalive/mod.ts";

const [interval, clients] = process.argv.slice(2).map(Number) as [number, number];
const server = await serveKeepalive({
  port: 0,
  // So that clients which never send data are soon probed, and from then on at the interval.
  dataThreshold: interval / 10,
  heartBeatInterval: interval,
  maxClients: clients,
});
let answered = 0;

void (async () => {
  for await (const { type } of server) if (type === "probe-answered") answered++;
})();

await answerFor(server.address.port, () => answered, {
  probed: () => server.clients().filter(({ phase }) => phase === "heartbeat").length,
});

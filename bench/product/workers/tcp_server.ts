/**
 * The library's TCP server, counted by the heartbeats that it knows of.
 *
 * This file knows the public API. It does not know where the load comes from.
 *
 * @module
 */
import { answer, intervalAnswers, memoryAnswer } from "../../harness/worker.ts";
import { serveTcpHeartbeats } from "../../../tcp/mod.ts";

// While one load follows another, the connections of both are open for a moment.
const server = await serveTcpHeartbeats({ port: 0, maxClients: 100_000 });

await answer({ port: server.address.port }, {
  ...intervalAnswers(() => server.heartbeats),
  ...memoryAnswer(),
});

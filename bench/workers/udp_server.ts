/**
 * The library's UDP server, counted by what it knows about its clients.
 *
 * This file knows the public API. It does not know where the load comes from.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";
import { serveUdpHeartbeats } from "../../udp/mod.ts";

const server = await serveUdpHeartbeats({ port: 0, autoRegister: 30_000 });

/** Everything that came in: in turn, again, or not understood. */
function datagrams(): number {
  let count = 0;
  for (const { link } of server.clients()) count += link.received + link.duplicates;
  for (const rejected of Object.values(server.rejections())) count += rejected;
  return count;
}

await answer({ port: server.address.port }, intervalAnswers(datagrams));

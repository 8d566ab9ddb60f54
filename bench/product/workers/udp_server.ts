/**
 * The library's UDP server, counted by what it knows about its clients.
 *
 * This file knows the public API. It does not know where the load comes from.
 *
 * @module
 */
import { answer, intervalAnswers } from "../../harness/worker.ts";
import { serveUdpHeartbeats } from "../../../udp/mod.ts";

const server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout: 30_000 });

/** Everything that came in, understood or not. */
function datagrams(): number {
  let count = server.heartbeats;
  for (const rejected of Object.values(server.rejections())) count += rejected;
  return count;
}

await answer({ port: server.address.port }, intervalAnswers(datagrams));

/**
 * The library's TCP server, counted by what it knows about its clients.
 *
 * This file knows the public API. It does not know where the load comes from.
 *
 * @module
 */
import { answer, intervalAnswers } from "../harness/worker.ts";
import { serveTcpHeartbeats } from "../../tcp/mod.ts";

const server = await serveTcpHeartbeats({ port: 0 });

function messages(): number {
  return server.clients().reduce((sum, { link }) => sum + link.received + link.duplicates, 0);
}

await answer({ port: server.address.port }, intervalAnswers(messages));

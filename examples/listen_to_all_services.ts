/**
 * Hears every event of every UDP heartbeat server in this process, without a reference to any of them:
 * for logs, metrics and tests of a program whose servers are started elsewhere.
 *
 *     deno run --allow-net examples/listen_to_all_services.ts
 */
import { subscribe } from "node:diagnostics_channel";
import type { EventMessage } from "@heartline/heartline/core";
import {
  sendUdpHeartbeats,
  serveUdpHeartbeats,
  type UdpServerEvent,
} from "@heartline/heartline/udp";

subscribe("heartline:udp-server", (message) => {
  const { service, event } = message as EventMessage<UdpServerEvent>;
  if (event.type === "down") console.log(`${service.name}: ${event.client} fell silent`);
});

// Somewhere else in the program:
const server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout: 200 });
await sendUdpHeartbeats({ port: server.address.port, interval: 20, count: 1 });
for await (const event of server) if (event.type === "down") break;
await server.close();
console.log(server.counters().events); // what happened, whether or not anybody listened

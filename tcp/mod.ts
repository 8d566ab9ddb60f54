/**
 * TCP heartbeats: numbered, time-stamped signs of life on a stream, each of them decoded once however
 * the network cuts and lumps them, and confirmed if both sides want it.
 *
 * @example
 * ```ts
 * import { sendTcpHeartbeats, serveTcpHeartbeats } from "@heartline/heartline/tcp";
 *
 * await using server = await serveTcpHeartbeats({ port: 0, ack: true });
 * await using client = await sendTcpHeartbeats({ port: server.address.port, ack: true });
 * for await (const event of client) {
 *   if (event.type !== "acked") continue;
 *   console.log(`heartbeat ${event.sequence} took ${event.rtt} ms there and back`);
 *   break;
 * }
 * ```
 *
 * @module
 */
export * from "./client.ts";
export * from "./client_machine.ts";
export * from "./events.ts";
export type * from "./inputs.ts";
export * from "./message.ts";
export type { TcpSchedule, TcpServerMachineOptions } from "./options.ts";
export * from "./server.ts";
export * from "./server_machine.ts";

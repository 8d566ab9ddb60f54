/**
 * Keepalive connections: an application's messages over TCP that fall back to heartbeat probes on the
 * same connection when nothing is heard, and end in one event that says why.
 *
 * @example
 * ```ts
 * import { connectKeepalive, serveKeepalive } from "@heartline/heartline/keepalive";
 *
 * await using server = await serveKeepalive({ port: 0, reply: (payload) => `got ${payload}` });
 * await using client = await connectKeepalive({ port: server.address.port, payload: "21.5" });
 * for await (const event of client) {
 *   if (event.type !== "reply") continue;
 *   console.log(`${event.payload} after ${event.rtt} ms`);
 *   break;
 * }
 * ```
 *
 * @module
 */
export * from "./client.ts";
export * from "./connection_machine.ts";
export * from "./events.ts";
export type * from "./inputs.ts";
export * from "./message.ts";
export {
  type KeepaliveDetection,
  keepaliveDetection,
  type KeepaliveMachineOptions,
  type KeepalivePayloadOptions,
  type KeepaliveServerMachineOptions,
  type KeepaliveTiming,
} from "./options.ts";
export type { KeepaliveReplier } from "./reply.ts";
export * from "./server.ts";
export * from "./server_machine.ts";

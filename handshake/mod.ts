/**
 * Handshakes: lease a connection id for 30 s, over UDP, TCP or both.
 *
 * @example
 * ```ts
 * import { connectHandshake, serveHandshake } from "@heartline/heartline/handshake";
 *
 * await using server = await serveHandshake({ port: 0 });
 * await using client = await connectHandshake({ port: server.address.port, id: "9876" });
 * for await (const event of client) {
 *   if (event.type !== "established") continue;
 *   console.log(`${event.id} is ours, and the server sees us at ${event.hostname}:${event.port}`);
 * }
 * ```
 *
 * @module
 */
export * from "./client.ts";
export * from "./client_machine.ts";
export * from "./events.ts";
export type * from "./inputs.ts";
export { type LeaseOptions } from "./lease_table.ts";
export * from "./message.ts";
export type * from "./options.ts";
export * from "./server.ts";
export * from "./server_machine.ts";
export { type TcpConnectionOptions } from "./tcp_requests.ts";

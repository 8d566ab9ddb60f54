/**
 * UDP heartbeats: know within seconds that a device, job or peer has fallen silent.
 *
 * @example
 * ```ts
 * import { serveUdpHeartbeats } from "@heartline/heartline/udp";
 *
 * const server = await serveUdpHeartbeats({
 *   port: 0,
 *   clients: [{ address: "127.0.0.1:5001", timeout: 50 }],
 * });
 * for await (const event of server) {
 *   if (event.type !== "down") continue;
 *   console.log(`${event.client} has been silent for ${event.silentFor} ms`);
 *   break;
 * }
 * await server.close();
 * ```
 *
 * @module
 */
export * from "./client.ts";
export * from "./client_machine.ts";
export * from "./events.ts";
export type * from "./inputs.ts";
export * from "./message.ts";
export type { UdpClientRegistration, UdpSchedule, UdpServerMachineOptions } from "./options.ts";
export * from "./plan.ts";
export * from "./server.ts";
export * from "./server_machine.ts";
export * from "./server_snapshot.ts";

/**
 * The fault proxy: stands between clients and a server and makes the network between them as bad as
 * asked for, over TCP and UDP, the same way every time for the same seed.
 *
 * @example
 * ```ts
 * import { serveProxy } from "@heartline/heartline/proxy";
 *
 * await using proxy = await serveProxy({
 *   listen: { port: 0 },
 *   upstream: { port: 49_155 },
 *   faults: { latency: 20, jitter: 5, down: { bandwidth: 100_000 } },
 *   schedule: [{ at: 5_000, for: 2_000, set: { up: { blackhole: true } } }],
 *   seed: 7,
 * });
 * console.log(`connect to port ${proxy.address.port}`);
 * ```
 *
 * @module
 */
export type { ProxyTransport } from "./effects.ts";
export type * from "./inputs.ts";
export type * from "./events.ts";
export * from "./faults.ts";
export * from "./machine.ts";
export type * from "./options.ts";
export * from "./schedule.ts";
export * from "./server.ts";

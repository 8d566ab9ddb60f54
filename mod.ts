/**
 * Heartline answers two questions over a network that loses, delays and cuts: is the peer alive, and
 * did everything arrive, once, in order? Importing this module does nothing and opens nothing.
 *
 * @example
 * ```ts
 * import { serveUdpHeartbeats } from "@heartline/heartline";
 *
 * await using server = await serveUdpHeartbeats({ port: 0, autoRegisterTimeout: 30_000 });
 * console.log(`listening on port ${server.address.port}`);
 * ```
 *
 * @module
 */
export * from "./core/mod.ts";
export * from "./udp/mod.ts";
export * from "./tcp/mod.ts";
export * from "./handshake/mod.ts";
export * from "./keepalive/mod.ts";
export * from "./proxy/mod.ts";
export * from "./sequence/mod.ts";

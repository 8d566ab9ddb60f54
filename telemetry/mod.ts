/**
 * OpenTelemetry metrics of everything that runs, through Deno's own exporter or any other.
 *
 * @example
 * ```ts
 * import { exportTelemetry } from "@heartline/heartline/telemetry";
 * import { serveUdpHeartbeats } from "@heartline/heartline/udp";
 *
 * const stop = exportTelemetry(); // before the services it is to see
 * const server = await serveUdpHeartbeats({ port: 0 });
 * // ...
 * await server.close();
 * stop();
 * ```
 *
 * @module
 */
export * from "./open_telemetry.ts";

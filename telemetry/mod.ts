/**
 * OpenTelemetry metrics of everything that runs, through Deno's own exporter or any other.
 *
 * @module
 */
export * from "./open_telemetry.ts";

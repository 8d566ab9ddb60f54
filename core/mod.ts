/**
 * The shared words: what every protocol here is built from, free of any socket.
 *
 * @example Wait between two tries
 * ```ts
 * import { fullJitter } from "@heartline/heartline/core";
 * import { assert } from "@std/assert";
 *
 * assert(fullJitter(3, Math.random) <= 2_000);
 * ```
 *
 * @module
 */
export * from "./address.ts";
export * from "./address_index.ts";
export * from "./address_map.ts";
export * from "./ascii.ts";
export * from "./backlog.ts";
export * from "./backoff.ts";
export * from "./cells.ts";
export * from "./check.ts";
export * from "./clock.ts";
export * from "./clock_offset.ts";
export type * from "./connection.ts";
export * from "./connection_timers.ts";
export * from "./deadlines.ts";
export * from "./diagnostics.ts";
export * from "./drive.ts";
export * from "./errors.ts";
export * from "./event_counts.ts";
export * from "./event_queue.ts";
export * from "./framer.ts";
export * from "./limited_reports.ts";
export * from "./machine.ts";
export * from "./machine_service.ts";
export * from "./quantiles.ts";
export * from "./reception_statistics.ts";
export * from "./reception_table.ts";
export * from "./seed.ts";
export * from "./sequence_window.ts";
export * from "./service.ts";
export * from "./state_counts.ts";
export * from "./states.ts";
export * from "./timestamp.ts";
export * from "./token_buckets.ts";
export * from "./verdicts.ts";

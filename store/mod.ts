/**
 * Where the sessions of sequences are kept: in memory, and what a store of your own must do. SQLite is
 * `@heartline/heartline/store/sqlite` and Redis `@heartline/heartline/store/redis`, so that nobody loads
 * them who does not use them.
 *
 * @example
 * ```ts
 * import { MemoryStore } from "@heartline/heartline/store";
 * import { serveSequence } from "@heartline/heartline/sequence";
 *
 * const store = new MemoryStore();
 * await using server = await serveSequence({ port: 0, store });
 * console.log(`listening on port ${server.address.port}`);
 * ```
 *
 * @module
 */
export * from "./conformance.ts";
export * from "./memory.ts";
export type { TombstoneOptions } from "./tombstones.ts";

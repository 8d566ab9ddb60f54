/**
 * What the runtime that runs a test has and others lack. A test that needs it is left out elsewhere.
 *
 * @module
 */
import process from "node:process";

/** Deno: its native sockets, its permissions. */
export const onDeno: boolean = process.versions.deno !== undefined;

/** Bun: its own sockets behind `node:net` and `node:dgram`. */
export const onBun: boolean = process.versions.bun !== undefined;

/** `node:sqlite`, which Node has from 22.5 on. */
export const hasSqlite: boolean = await import("node:sqlite").then(() => true, () => false);

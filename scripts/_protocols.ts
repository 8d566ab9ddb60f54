/**
 * The protocols: every entry point of the package but those of the folders that they share.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };

const SHARED: ReadonlySet<string> = new Set(["core", "net", "store", "telemetry", "cli"]);

/** The folder of each. */
export const PROTOCOLS: readonly string[] = Object.keys(config.exports)
  .flatMap((entry) => /^\.\/(\w+)$/.exec(entry)?.[1] ?? [])
  .filter((name) => !SHARED.has(name));

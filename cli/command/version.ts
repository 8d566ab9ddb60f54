/**
 * The version that `--version` prints; it stands in `deno.json` alone.
 *
 * The npm package has a copy of this file with the number written out, because Node 20 warns about
 * every import of JSON.
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };

/** As in `1.2.3`. */
export const VERSION: string = config.version;

/**
 * The ratios that are committed, in `bench/ratios.json`.
 *
 * This file knows the disk. It does not know what a fall is.
 *
 * @module
 */
import type { Ratios } from "./check.ts";

/** Reads them. */
export function readRatios(): Ratios {
  return JSON.parse(Deno.readTextFileSync(FILE));
}

/** Puts them in place of what was there, in a form that is formatted and easy to compare. */
export function writeRatios(ratios: Ratios): void {
  Deno.writeTextFileSync(FILE, JSON.stringify(ratios, null, 2) + "\n");
}

const FILE = new URL("../ratios.json", import.meta.url);

/**
 * The ratios that are committed, in `bench/ratios.json`, by the model of the processor.
 *
 * This file knows the disk and the processor. It does not know what a fall is.
 *
 * @module
 */
import { cpus } from "node:os";
import type { Ratios } from "./check.ts";

/** The processor of this machine. */
export const PROCESSOR: string = cpus()[0]?.model ?? "unknown CPU";

/** Reads those of all processors. */
export function readRatios(): Readonly<Record<string, Ratios>> {
  return JSON.parse(Deno.readTextFileSync(FILE));
}

/** Puts those of this processor in place of what was there, in a form that is formatted. */
export function writeRatios(ratios: Ratios): void {
  const all = { ...readRatios(), [PROCESSOR]: ratios };
  Deno.writeTextFileSync(FILE, JSON.stringify(all, null, 2) + "\n");
}

const FILE = new URL("../ratios.json", import.meta.url);

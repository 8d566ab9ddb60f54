/**
 * What is held after the garbage is gone.
 *
 * @module
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { heldBytes } from "../support/held_bytes.ts";

/** Bytes held once garbage is collected. */
export function heldBytesNow(): number {
  collectGarbage();
  return heldBytes();
}

/** What keeps a little of each input is above it; some buffers of the engine's own are below. */
export const MOST_GROWN: number = 16 * 2 ** 20;

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

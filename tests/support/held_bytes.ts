/**
 * How much memory the program holds, for tests of what must not grow.
 *
 * @module
 */
import { memoryUsage } from "node:process";

/** Bytes on the heap and in typed arrays, garbage that was not collected yet included. */
export function heldBytes(): number {
  const { heapUsed, external } = memoryUsage();
  return heapUsed + external;
}

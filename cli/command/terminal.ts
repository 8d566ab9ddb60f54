/**
 * The terminal of this process.
 *
 * @module
 */
import process from "node:process";
import { draw } from "./output.ts";
import type { ScreenSize } from "../tables/watch_screen.ts";

/** Where a live table is shown. */
export interface Terminal {
  /** How large it is now. */
  size(): ScreenSize;
  /** Writes a text; of a `frame`, which shows all anew, only the newest waits for a terminal that is slow. */
  write(text: string, weight: "kept" | "frame"): void;
}

/** The terminal, `undefined` if standard output is none. */
export function openTerminal(): Terminal | undefined {
  const { stdout } = process;
  if (stdout.isTTY !== true) return undefined;
  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24, colour: !noColour() }),
    write: draw,
  };
}

/** On Deno reading the environment needs a permission, which this is not worth. */
function noColour(): boolean {
  const { Deno: deno } = globalThis as { Deno?: { noColor: boolean } };
  return deno ? deno.noColor : Boolean(process.env.NO_COLOR);
}

/**
 * The terminal of this process.
 *
 * @module
 */
import process from "node:process";
import type { ScreenSize } from "../tables/watch_screen.ts";

/** Where a live table is shown. */
export interface Terminal {
  /** How large it is now. */
  size(): ScreenSize;
  /** Writes at once. */
  write(text: string): void;
}

/** The terminal, `undefined` if standard output is none. */
export function openTerminal(): Terminal | undefined {
  const { stdout } = process;
  if (stdout.isTTY !== true) return undefined;
  return {
    size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24, colour: !noColour() }),
    write: (text) => void stdout.write(text),
  };
}

/** On Deno reading the environment needs a permission, which this is not worth. */
function noColour(): boolean {
  const { Deno: deno } = globalThis as { Deno?: { noColor: boolean } };
  return deno ? deno.noColor : Boolean(process.env.NO_COLOR);
}

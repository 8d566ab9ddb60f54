/**
 * One line that shows how far something is, drawn over itself.
 *
 * @module
 */
import process from "node:process";
import { prompt } from "../command/output.ts";
import { bar } from "../tables/table.ts";

/** A progress bar on standard error; nothing where that is no terminal or `shown` is false. */
export class Progress {
  readonly #total: number;
  readonly #shown: boolean;
  #drawnAt = -Infinity;

  /** `total` is what counts as full. */
  constructor(total: number, shown: boolean) {
    this.#total = total;
    this.#shown = shown && process.stderr.isTTY === true;
  }

  /** Draws anew, at most every `REDRAW_INTERVAL` ms. */
  update(count: number): void {
    const now = performance.now();
    if (!this.#shown || now - this.#drawnAt < REDRAW_INTERVAL && count < this.#total) return;
    this.#drawnAt = now;
    const columns = process.stderr.columns || COLUMNS;
    prompt(`\r${progressLine(count, this.#total, columns)}\x1b[K`, "frame");
  }

  /** Leaves the line, so that others can be written. */
  clear(): void {
    if (this.#shown) prompt("\r\x1b[K");
    this.#drawnAt = -Infinity;
  }
}

/**
 * How far something is, on a line that a terminal of so many columns holds: the last column stays free,
 * since behind it terminals begin a new line. The bar is shortened first, then the words are cut.
 */
export function progressLine(count: number, total: number, columns: number): string {
  const words = `${Math.floor((100 * count) / total)} % ${count} of ${total}`;
  const room = Math.min(WIDTH, columns - 2 - words.length);
  const line = room >= LEAST_WIDTH ? `${bar(count / total, room)} ${words}` : words;
  return line.slice(0, Math.max(0, columns - 1));
}

const WIDTH = 30;
/** A shorter bar says less than the figures do. */
const LEAST_WIDTH = 5;
/** Where the terminal does not say. */
const COLUMNS = 80;
const REDRAW_INTERVAL = 100;

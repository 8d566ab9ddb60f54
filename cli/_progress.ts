/**
 * One line that shows how far something is, drawn over itself.
 *
 * This file knows the line. It does not know what advances.
 *
 * @module
 */
import process from "node:process";
import { bar } from "./_table.ts";

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

  /** Draws anew, though not more often than eyes can follow. */
  update(count: number): void {
    const now = performance.now();
    if (!this.#shown || now - this.#drawnAt < REDRAW_INTERVAL && count < this.#total) return;
    this.#drawnAt = now;
    const percent = Math.floor((100 * count) / this.#total);
    const text = `${bar(count / this.#total, WIDTH)} ${percent} % ${count} of ${this.#total}`;
    process.stderr.write(`\r${text}\x1b[K`);
  }

  /** Leaves the line, so that others can be written. */
  clear(): void {
    if (this.#shown) process.stderr.write("\r\x1b[K");
    this.#drawnAt = -Infinity;
  }
}

const WIDTH = 30;
const REDRAW_INTERVAL = 100;

/**
 * What the demo shows: a live table with the last lines below it in a terminal, plain lines elsewhere.
 *
 * This file knows rows and lines. It does not know what they are about.
 *
 * @module
 */
import process from "node:process";
import type { LogLevel } from "./_command.ts";
import type { Happening, Log } from "./_log.ts";
import type { Row } from "./_stage.ts";
import { bar, layOut, redraw } from "./_table.ts";

/** `live`: a table drawn over itself. `lines`: plain text. `json`: one object a line. */
export type ScreenMode = "live" | "lines" | "json";

/** The output of one demo. */
export class Screen {
  readonly #log: Log;
  readonly #rows: () => Row[];
  readonly #said: string[] = [];
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #mode: ScreenMode;
  #drawn = 0;

  /** Shows what `rows` returns: all the time when live, else when `table` is called. */
  constructor(log: Log, mode: ScreenMode, rows: () => Row[]) {
    this.#log = log;
    this.#mode = mode;
    this.#rows = rows;
    if (mode === "live") this.#timer = setInterval(() => this.#draw(), REDRAW_INTERVAL);
  }

  /** Shows one line. */
  say(level: LogLevel, text: string, happening: Happening): void {
    if (this.#mode !== "live") return this.#log(level, text, happening);
    this.#said.push(text);
    this.#draw();
  }

  /** Shows the table as it is now, where it is not shown all the time. */
  table(): void {
    if (this.#mode === "live") return this.#draw();
    const rows = this.#rows();
    const lines = layOut([HEADS, ...rows.map(cells)]);
    this.#log("info", lines[0]!);
    rows.forEach((row, index) => {
      this.#log("info", lines[index + 1]!, { type: "client", ...row });
    });
  }

  /** Leaves a live table standing; what is said from now on comes below it. */
  close(): void {
    if (this.#mode !== "live") return;
    clearInterval(this.#timer);
    this.#draw();
    this.#mode = "lines";
  }

  #draw(): void {
    const table = layOut([HEADS, ...this.#rows().map(cells)]);
    const { columns, rows } = process.stdout;
    const lines = fitting(table, this.#said, rows || ROWS);
    process.stdout.write(redraw(lines, this.#drawn, columns || COLUMNS));
    this.#drawn = lines.length;
  }
}

/**
 * A table and as many of the last lines below it as a terminal of so many rows holds: what has scrolled out
 * of it cannot be drawn over. The cursor has a row of its own.
 */
export function fitting(table: readonly string[], said: readonly string[], rows: number): string[] {
  const room = Math.max(1, rows - 1);
  const most = Math.min(MOST_SAID, Math.max(0, room - table.length - 1));
  const below = most === 0 ? [] : ["", ...said.slice(-most)];
  return [...table, ...below].slice(0, room);
}

function cells({ name, state, suspicion, link }: Row): string[] {
  return [
    name,
    state.toUpperCase(),
    `${(link.loss * 100).toFixed(1)} %`,
    `${link.jitter.toFixed(2)} ms`,
    `${link.delay.p50.toFixed(2)} ms`,
    `${link.delay.p99.toFixed(2)} ms`,
    bar(suspicion, BAR_WIDTH),
  ];
}

const HEADS = ["client", "state", "loss", "jitter", "delay p50", "p99", "silence"];
const BAR_WIDTH = 10;
/** Where the terminal does not say. */
const COLUMNS = 80;
const ROWS = 24;
/** Below the table; earlier lines scroll out of sight. */
const MOST_SAID = 12;
const REDRAW_INTERVAL = 200;

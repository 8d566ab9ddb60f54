/**
 * A live table of a server, drawn on a screen of its own and left standing at the end.
 *
 * @module
 */
import type { LogLevel } from "../command/command.ts";
import type { Terminal } from "../command/terminal.ts";
import { type SaidLine, type ScreenSize, watchLines } from "./watch_screen.ts";
import type { WatchTable } from "./watch_table.ts";

/** A live table; closed, it leaves the terminal as it was, with the last table printed. */
export class Watch {
  readonly #terminal: Terminal;
  readonly #title: string;
  readonly #table: (limit: number) => WatchTable;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #said: SaidLine[] = [];
  readonly #trends = new Map<string, { values: number[]; mark: number }>();

  /** Starts drawing what `table` returns; it is asked for as many rows as there is room for. */
  constructor(terminal: Terminal, title: string, table: (limit: number) => WatchTable) {
    this.#terminal = terminal;
    this.#title = title;
    this.#table = table;
    terminal.write(ENTER, "kept");
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), REDRAW_INTERVAL);
  }

  /** Shows a line below the table from the next drawing on, unless it is empty. */
  say(level: LogLevel, text: string): void {
    if (text === "") return;
    for (const line of text.split("\n")) {
      // Nothing that came from the network may move the cursor.
      this.#said.push({ level, text: line.replaceAll(CONTROL, " ") });
    }
    this.#said.splice(0, this.#said.length - MOST_SAID);
  }

  /** Ends the drawing. */
  close(): void {
    clearInterval(this.#timer);
    const lines = this.#lines(this.#terminal.size());
    this.#terminal.write(`${LEAVE}${lines.join("\n")}\n`, "kept");
  }

  #draw(): void {
    const lines = this.#lines(this.#terminal.size());
    this.#terminal.write(`${BEGIN}${lines.join("\r\n")}${END}`, "frame");
  }

  #lines(size: ScreenSize): string[] {
    const table = this.#table(size.rows);
    this.#follow(table);
    const trends = new Map([...this.#trends].map(([name, { values }]) => [name, values]));
    return watchLines({ title: this.#title, table, trends, said: this.#said }, size);
  }

  /** Remembers the values that are new, of the rows that are shown. */
  #follow({ rows }: WatchTable): void {
    const shown = new Set(rows.map(({ name }) => name));
    for (const name of this.#trends.keys()) if (!shown.has(name)) this.#trends.delete(name);
    for (const { name, trend } of rows) {
      if (!trend) continue;
      const known = this.#trends.get(name) ?? { values: [], mark: 0 };
      this.#trends.set(name, known);
      if (known.mark === trend.mark) continue;
      known.mark = trend.mark;
      known.values.push(trend.value);
      if (known.values.length > MOST_VALUES) known.values.shift();
    }
  }
}

/** Twice a second is as often as eyes can follow figures; a resized terminal waits no longer. */
const REDRAW_INTERVAL = 500;
/** More than any terminal shows of them. */
const MOST_SAID = 100;
const MOST_VALUES = 24;
/** To the terminal's second screen, which does not scroll, and without a cursor. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
/** Home, and all clear; terminals that know how show everything at once when it is complete. */
const BEGIN = "\x1b[?2026h\x1b[H\x1b[J";
const END = "\x1b[?2026l";
// deno-lint-ignore no-control-regex
const CONTROL = /[\x00-\x1f\x7f-\x9f]/g;

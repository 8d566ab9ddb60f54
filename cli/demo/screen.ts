/**
 * What the demo shows: a live table with the last lines below it in a terminal, plain lines elsewhere.
 *
 * @module
 */
import type { LogLevel } from "../command/command.ts";
import type { Terminal } from "../command/terminal.ts";
import type { JsonLine } from "../lines/json_lines.ts";
import type { Log } from "../lines/log.ts";
import { bar, layOut } from "../tables/table.ts";
import { Watch } from "../tables/watch.ts";
import type { WatchTable } from "../tables/watch_table.ts";
import type { Row } from "./fleet.ts";

/** The output of one demo. */
export class Screen {
  readonly #log: Log;
  readonly #rows: () => Row[];
  #watch: Watch | undefined;

  /** Shows what `rows` returns: all the time on a terminal, else when `table` is called. */
  constructor(log: Log, terminal: Terminal | undefined, rows: () => Row[]) {
    this.#log = log;
    this.#rows = rows;
    this.#watch = terminal && new Watch(terminal, "demo", () => demoTable(rows()));
  }

  /** Shows one line. */
  say(level: LogLevel, text: string, line: JsonLine): void {
    if (this.#watch) this.#watch.say(level, text);
    else this.#log(level, text, line);
  }

  /** Shows the table as it is now, where it is not shown all the time. */
  table(): void {
    if (this.#watch) return;
    const rows = this.#rows();
    const { heads, rows: shown } = demoTable(rows);
    const lines = layOut([
      heads,
      ...shown.map(({ name, state, cells }) => [name, state, ...cells]),
    ]);
    this.#log("info", lines[0]!);
    rows.forEach((row, index) => {
      this.#log("info", lines[index + 1]!, { type: "client", ...row });
    });
  }

  /** Leaves a live table standing; what is said from now on comes below it. */
  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }
}

/** The table of the demo's clients. */
export function demoTable(rows: readonly Row[]): WatchTable {
  const up = rows.filter(({ state }) => state === "up").length;
  return {
    summary: `${up} of ${rows.length} clients are up`,
    heads: ["client", "state", "silence", "loss", "jitter", "delay p50", "p99"],
    rows: rows.map(({ name, state, suspicion, reception }) => ({
      name,
      state: state.toUpperCase(),
      health: state === "up" ? "good" : "bad",
      cells: [
        bar(suspicion, BAR_WIDTH),
        `${(reception.loss * 100).toFixed(1)} %`,
        `${reception.jitter.toFixed(2)} ms`,
        `${reception.delay.p50.toFixed(2)} ms`,
        `${reception.delay.p99.toFixed(2)} ms`,
      ],
    })),
    total: rows.length,
  };
}

const BAR_WIDTH = 10;

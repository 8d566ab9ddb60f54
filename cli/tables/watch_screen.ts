/**
 * A live table as the lines of a terminal: as wide, as high and as colourful as that is.
 *
 * @module
 */
import type { LogLevel } from "../command/command.ts";
import { sparkline } from "./sparkline.ts";
import { layOut } from "./table.ts";
import type { WatchRow, WatchTable } from "./watch_table.ts";

/** Everything that is to be seen at one moment. */
export interface WatchScreen {
  /** What is watched. */
  readonly title: string;
  /** The table. */
  readonly table: WatchTable;
  /** Recent values of each row's trend, by its name. */
  readonly trends: ReadonlyMap<string, readonly number[]>;
  /** The last lines that were said, the newest last. */
  readonly said: readonly SaidLine[];
}

/** A line that was said. */
export interface SaidLine {
  readonly level: LogLevel;
  readonly text: string;
}

/** The terminal, as far as it matters. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

/**
 * Lays a screen out: a title, as many rows as there is room for, and what was said last. Trends are cut
 * to the room that is left beside the other columns; columns for which there is none are left out from
 * the right. No line is longer than the terminal is wide.
 */
export function watchLines(screen: WatchScreen, size: ScreenSize): string[] {
  const { title, table } = screen;
  const said = saidLines(screen.said, size);
  // Title, heads, a line that counts the rest, and an empty one on each side of the table.
  const room = Math.max(0, size.rows - said.length - 5);
  const rows = table.rows.slice(0, room);
  const more = table.total - rows.length;
  return [
    `${title}: ${table.summary}`.slice(0, size.columns),
    "",
    ...tableLines(table, rows, screen.trends, size),
    ...(more > 0 ? [`and ${more} more`.slice(0, size.columns)] : []),
    "",
    ...said,
  ].slice(0, size.rows);
}

function tableLines(
  { heads, trend }: WatchTable,
  rows: readonly WatchRow[],
  trends: WatchScreen["trends"],
  { columns, colour }: ScreenSize,
): string[] {
  const all = [heads, ...rows.map(({ name, state, cells }) => [name, state, ...cells])];
  let shown = heads.length;
  let lines = layOut(all);
  while (shown > 1 && widthOf(lines) > columns) {
    shown--;
    lines = layOut(all.map((row) => row.slice(0, shown)));
  }
  const left = columns - widthOf(lines) - GAP;
  if (trend !== undefined && left >= trend.length) {
    const drawn = rows.map(({ name }) => {
      return sparkline((trends.get(name) ?? []).slice(-left), LEAST_DELAY);
    });
    lines = layOut(all.map((row, index) => [...row, index === 0 ? trend : drawn[index - 1]!]));
  }
  lines = lines.map((line) => line.slice(0, columns));
  if (!colour) return lines;
  return lines.map((line, index) => {
    const row = rows[index - 1];
    if (!row) return painted(line, "heads");
    const at = line.indexOf(`  ${row.state}`, row.name.length);
    if (at < 0) return line;
    const end = at + 2 + row.state.length;
    return line.slice(0, at + 2) + painted(row.state, row.health) + line.slice(end);
  });
}

function widthOf(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => line.length));
}

function saidLines(said: readonly SaidLine[], { columns, rows, colour }: ScreenSize): string[] {
  // The table matters more: on a low terminal it has all lines.
  const room = rows < LOW ? 0 : Math.floor(rows / 3);
  return said.slice(room === 0 ? said.length : -room).map(({ level, text }) => {
    const line = text.slice(0, columns);
    return colour && (level === "warn" || level === "error") ? painted(line, level) : line;
  });
}

function painted(text: string, what: keyof typeof COLOURS): string {
  return `\x1b[${COLOURS[what]}m${text}\x1b[0m`;
}

const COLOURS = { heads: 1, good: 32, unsure: 33, bad: 31, warn: 33, error: 31 } as const;
/** Between two columns. */
const GAP = 2;
/** In ms: delays below it look alike. */
const LEAST_DELAY = 1;
/** Lines of a terminal on which only the table is shown. */
const LOW = 10;

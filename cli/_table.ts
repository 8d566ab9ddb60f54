/**
 * A table that is drawn over itself in a terminal.
 *
 * This file knows columns and cursor movements. It does not know what is in a cell.
 *
 * @module
 */

/** Lays rows out in columns, the first row being the heads. */
export function layOut(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  );
}

/** A bar of `width` characters of which a share, 0..1, is filled. */
export function bar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return "#".repeat(filled) + ".".repeat(width - filled);
}

/**
 * What to write so that `lines` stand where `before` lines stood, in a terminal `columns` wide: a
 * longer line would wrap and spoil the count.
 */
export function redraw(lines: readonly string[], before: number, columns: number): string {
  const up = before > 0 ? `\x1b[${before}A` : "";
  const body = lines.map((line) => `\x1b[2K${line.slice(0, columns)}\n`).join("");
  return `${up}${body}\x1b[J`;
}

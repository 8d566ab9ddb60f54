/**
 * Rows laid out in columns, and a share as a bar.
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

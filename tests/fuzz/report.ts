/**
 * The report of the fuzzer, a line for each target.
 *
 * @module
 */

/** What a line says. */
export interface Line {
  /** The name of the target. */
  readonly name: string;
  /** How many inputs it took. */
  readonly inputs: number;
  /** In how many milliseconds. */
  readonly elapsed: number;
  /** How many classes of outcomes there were. */
  readonly classes: number;
  /** What a byte cost at most, in ns, where it is measured. */
  readonly perByte?: number | undefined;
  /** How many bytes more are held than early on. */
  readonly grown: number;
}

/** The line above them. */
export const HEAD = row("target", "inputs", "a second", "classes", "ns/byte", "KiB more");

/** One line. */
export function lineOf({ name, inputs, elapsed, classes, perByte, grown }: Line): string {
  const rate = Math.round(inputs / elapsed * 1_000), kib = Math.round(grown / 1_024);
  return row(name, inputs, rate, classes, perByte?.toFixed(1) ?? "-", kib);
}

/** An error as it is shown. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

function row(name: string, ...columns: readonly (string | number)[]): string {
  return name.padEnd(28) + columns.map((column) => String(column).padStart(10)).join("");
}

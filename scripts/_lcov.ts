/**
 * An LCOV report as numbers: which lines and branches of which file were reached.
 *
 * @module
 */

/** What is known of one file. */
export interface FileCoverage {
  /** Line by line, how often it was reached. */
  readonly lines: ReadonlyMap<number, number>;
  /** Each way that a condition may go: the line of the condition, and how often it went there. */
  readonly branches: readonly { readonly line: number; readonly hits: number }[];
}

/** Reads a report; the paths of files are those that it gives, less the prefix `root`. */
export function parseLcov(lcov: string, root = ""): ReadonlyMap<string, FileCoverage> {
  const files = new Map<string, FileCoverage>();
  let lines = new Map<number, number>();
  let branches: { line: number; hits: number }[] = [];
  for (const record of lcov.split("\n")) {
    const colon = record.indexOf(":");
    const text = record.slice(colon + 1);
    const fields = text.split(",");
    switch (record.slice(0, colon)) {
      case "SF":
        [lines, branches] = [new Map(), []];
        files.set(text.startsWith(root) ? text.slice(root.length) : text, { lines, branches });
        break;
      case "DA":
        lines.set(Number(fields[0]), Number(fields[1]));
        break;
      case "BRDA":
        // A dash stands for a condition that was never come to.
        branches.push({ line: Number(fields[0]), hits: Number(fields[3]!.replace("-", "0")) });
        break;
    }
  }
  return files;
}

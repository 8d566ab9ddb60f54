/**
 * Text on a terminal of a given width.
 *
 * @module
 */

/** What stands on the left, and what it means. */
export type Row = readonly [form: string, text: string];

/** Breaks text between words; all lines but the first are indented. */
export function wrap(text: string, columns: number, indent = 0): string[] {
  const lines: string[] = [];
  const margin = " ".repeat(indent);
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && `${line} ${word}`.length <= columns) {
      lines[lines.length - 1] += ` ${word}`;
    } else lines.push(line === undefined ? word : margin + word);
  }
  return lines;
}

/** A line for a shell, broken so that it can be copied as it stands. */
export function wrapCommand(line: string, columns: number): string[] {
  // Where no quotation is open.
  const words = line.split(/ (?=(?:[^']*'[^']*')*[^']*$)/);
  const lines: string[] = [];
  for (const word of words) {
    const before = lines.at(-1);
    if (before === undefined) lines.push(word);
    else if (`${before} ${word} \\`.length <= columns) {
      lines[lines.length - 1] = `${before} ${word}`;
    } else lines.push(`  ${word}`);
  }
  return lines.map((text, index) => index < lines.length - 1 ? `${text} \\` : text);
}

/**
 * Rows in two columns; where the left one would take more than half of the room, its longer forms stand
 * on lines of their own.
 */
export function rowLines(rows: readonly Row[], columns: number): string[] {
  const most = Math.floor(columns / 2) - MARGIN;
  const fitting = rows.map(([form]) => form.length + MARGIN).filter((length) => length <= most);
  const left = MARGIN + Math.max(...fitting, LEAST);
  const room = " ".repeat(left);
  return rows.flatMap(([form, text]) => {
    const lines = wrap(text, columns - left).map((line) => room + line);
    if (form.length > left - 2 * MARGIN) return [`  ${form}`, ...lines];
    return [`  ${form}`.padEnd(left) + lines[0]!.trimStart(), ...lines.slice(1)];
  });
}

const MARGIN = 2;
/** Where no form is short. */
const LEAST = 4;

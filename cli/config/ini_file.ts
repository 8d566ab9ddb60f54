/**
 * Files with a value a line, `name = value # comment`, as the program of seed 004 reads them.
 *
 * Names of sections, `[so]`, are passed over: there is only one kind of value to tell apart.
 *
 * @module
 */
import { refusedFile } from "./yaml_file.ts";

/** Whether a text is of this form: it has a line with `name =`, and none with `name:`. */
export function isIni(text: string): boolean {
  return /^\uFEFF?[ \t]*\w+[ \t]*=/m.test(text) && !/^\uFEFF?[ \t]*\w+[ \t]*:/m.test(text);
}

/**
 * The values of a text by name; a number where it can be one, else text.
 *
 * @param path what complaints call the text
 * @throws {HeartlineError} `invalid-option`, naming the line
 */
export function parseIni(text: string, path: string): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  text.replace(/^\uFEFF/, "").split(/\r?\n/).forEach((row, index) => {
    const line = `${path} line ${index + 1}`;
    const content = row.replace(/(^|\s)[#;].*$/, "").trim();
    if (content === "" || /^\[[^\]]*\]$/.test(content)) return;
    const [, name, written] = /^(\w+)\s*=\s*(\S.*)$/.exec(content) ?? [];
    if (name === undefined) {
      throw refusedFile(line, `wanted name = value, found ${JSON.stringify(content)}`);
    }
    if (name in values) throw refusedFile(line, `wanted each name once, found ${name} again`);
    values[name] = valueOf(written!);
  });
  return values;
}

function valueOf(written: string): unknown {
  const quoted = /^(["'])(.*)\1$/.exec(written);
  if (quoted) return quoted[2];
  return Number.isFinite(Number(written)) ? Number(written) : written;
}

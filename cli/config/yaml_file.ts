/**
 * Files that people write in YAML: read from the disk and parsed, each complaint one line that names the
 * file and, where it can be told, the line.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { parse } from "@std/yaml";
import { HeartlineError } from "../../core/errors.ts";

/**
 * Reads the text of a file.
 *
 * @throws {HeartlineError} `invalid-option` if it cannot be read
 */
export async function readYamlText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, name } = error as { code?: string; name?: string };
    const reason = FILE_FAULTS.get(String(code)) ?? FILE_FAULTS.get(String(name)) ??
      (error as Error).message.split("\n", 1)[0];
    throw refusedFile(path, `wanted a YAML file, found ${reason}`);
  }
}

/**
 * The value that a YAML text stands for.
 *
 * @param path what complaints call the text
 * @throws {HeartlineError} `invalid-option`
 */
export function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    const [, what, line] = YAML_FAULT.exec((error as Error).message) ?? [];
    const place = line === undefined ? path : `${path} line ${line}`;
    throw refusedFile(place, `wanted YAML, found ${what || "other text"}`);
  }
}

/** The complaint about a place in a file. */
export function refusedFile(place: string, why: string): HeartlineError {
  return new HeartlineError("invalid-option", `Cannot use ${place}: ${why}`);
}

/** By the code of Node or the name of Deno. */
const FILE_FAULTS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "no such file"],
  ["NotFound", "no such file"],
  ["EISDIR", "a folder"],
  ["EACCES", "one that may not be read"],
  ["PermissionDenied", "one that may not be read"],
  ["NotCapable", "one that may not be read, run with --allow-read"],
]);
/** The parser says "Cannot read block: bad indentation at line 2, column 4:", then shows the line. */
const YAML_FAULT = /^(?:Cannot [^:]*: )?(.*?)(?: at line (\d+), column -?\d+:|$)/s;

/**
 * The file of the keepalive commands, in YAML or as the program of seed 004 has it: what may stand in it, and what
 * is said when it is wrong.
 *
 * @module
 */
import { didYouMean } from "../command/did_you_mean.ts";
import { isIni, parseIni } from "./ini_file.ts";
import { parseYaml, readYamlText, refusedFile } from "./yaml_file.ts";

/** What a file may set; lengths of time in ms, though it has them in seconds. */
export interface KeepaliveFileValues extends Partial<Record<TimeName, number>> {
  readonly heart_beat_additional_tries?: number;
  readonly host?: string;
  readonly port?: number;
}

/** A file that was read. */
export interface KeepaliveFile {
  /** What it sets. */
  readonly values: KeepaliveFileValues;
  /** The file, and the line where the first of these names that it sets is set. */
  place(names: readonly (keyof KeepaliveFileValues)[]): string | undefined;
}

/**
 * Reads a file.
 *
 * @throws {HeartlineError} `invalid-option` with one line: the file, the line or the name, what was
 * found and what is wanted
 */
export async function readKeepaliveFile(path: string): Promise<KeepaliveFile> {
  return parseKeepaliveFile(await readYamlText(path), path);
}

/**
 * Reads the text of a file.
 *
 * @param path what complaints call the text
 * @throws {HeartlineError} `invalid-option`
 */
export function parseKeepaliveFile(text: string, path: string): KeepaliveFile {
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(parsed(path, text))) {
    const kind = KINDS.get(name);
    if (!kind) {
      const meant = didYouMean(name, [...KINDS.keys()]);
      throw refusedFile(at(path, text, name), `no such name ${name}${meant}`);
    }
    const read = kind.read(value);
    if (read === undefined) {
      const why = `wanted ${kind.wanted}, found ${described(value)}`;
      throw refusedFile(`${at(path, text, name)}, ${name}`, why);
    }
    values[name] = read;
  }
  return {
    values,
    place(names) {
      const name = names.find((one) => values[one] !== undefined);
      return name && at(path, text, name);
    },
  };
}

function parsed(path: string, text: string): Record<string, unknown> {
  if (isIni(text)) return parseIni(text, path);
  const other = lineOf(text, /^\s*\w+\s*=/);
  if (other > 0) {
    throw refusedFile(
      `${path} line ${other}`,
      "wanted every line as name: value, found name = value",
    );
  }
  const root = parseYaml(text, path);
  // An empty file, or one of comments, sets nothing.
  if (root === null || root === undefined) return {};
  if (typeof root === "object" && !Array.isArray(root)) return root as Record<string, unknown>;
  const line = lineOf(text, /^\s*[^#\s]/);
  throw refusedFile(`${path} line ${line}`, `wanted ${FORM}, found ${described(root)}`);
}

/** The number of the first line that fits; 0 if none does. */
function lineOf(text: string, pattern: RegExp): number {
  return 1 + text.split("\n").findIndex((line) => pattern.test(line));
}

/** What a value of one kind may be. */
interface Kind {
  readonly wanted: string;
  /** `undefined` if it is wrong. */
  readonly read: (value: unknown) => unknown;
}

type TimeName = typeof TIMES[number];

/** The place of a name in a file, as far as it can be told. */
function at(path: string, text: string, name: string): string {
  const rows = text.split("\n").map((row) => row.replace(/^["'\s{]+/, ""));
  const line = 1 + rows.findIndex((row) => /^[^"'\s:=]+/.exec(row)?.[0] === name);
  return line === 0 ? path : `${path} line ${line}`;
}

function described(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "string") return `the text ${JSON.stringify(value)}`;
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "a table" : String(value);
}

function isWhole(value: unknown, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= most;
}

const TIMES = [
  "heart_beat_interval",
  "heart_beat_threshold",
  "data_interval",
  "data_threshold",
] as const;

const SECONDS: Kind = {
  wanted: "a number of seconds from 0.001 on",
  read: (value) =>
    typeof value === "number" && value >= 0.001 && value < Infinity
      ? Math.round(value * 1e6) / 1e3
      : undefined,
};

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...TIMES.map((name): [string, Kind] => [name, SECONDS]),
  ["heart_beat_additional_tries", {
    wanted: "a whole number in 0..1000",
    read: (value) => isWhole(value, 1_000) ? value : undefined,
  }],
  ["host", {
    wanted: "an address or a name",
    read: (value) => typeof value === "string" && /^\S+$/.test(value) ? value : undefined,
  }],
  ["port", {
    wanted: "a whole number in 0..65535",
    read: (value) => isWhole(value, 65_535) ? value : undefined,
  }],
]);

const FORM = "lines of the form name: value or name = value";

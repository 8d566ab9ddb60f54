/**
 * Faults as people write them: on the command line, in a schedule, and in a log line.
 *
 * @module
 */
import {
  DIRECTION_FAULTS,
  type DirectionFaults,
  DIRECTIONS,
  type FaultKind,
  type Faults,
  LINK_FAULTS,
} from "../../proxy/faults.ts";
import { didYouMean } from "../command/did_you_mean.ts";
import { formatDuration, parseDuration } from "../command/duration.ts";

/** How a kind of value is written, and read from text, a number or a truth value. */
export interface Notation {
  /** What a right value is. */
  readonly wanted: string;
  /** `undefined` if it is wrong. */
  read(given: unknown): number | boolean | string | undefined;
}

/** The notation of each kind of fault. */
export const NOTATIONS: Readonly<Record<FaultKind, Notation>> = {
  duration: { wanted: "a duration such as 250ms or 2s", read: readDuration },
  rate: { wanted: "bytes a second such as 500, 100k or 2M", read: readRate },
  count: {
    wanted: "a whole number of at least 1",
    read: (given) => readNumber(given, (value) => Number.isInteger(value) && value >= 1),
  },
  share: {
    wanted: "a number in 0..1",
    read: (given) => readNumber(given, (value) => value <= 1),
  },
  flag: {
    wanted: "true or false",
    read: (given) => typeof given === "boolean" ? given : undefined,
  },
  cut: {
    wanted: "fin or reset",
    read: (given) => given === "fin" || given === "reset" ? given : undefined,
  },
};

/** Reads a length of time; 0 is one. */
export function readDuration(given: unknown): number | undefined {
  return given === 0 ? 0 : parseDuration(textOf(given));
}

/** `cutBytes` as `cut-bytes`. */
export function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Why a piece of a file is wrong: where it is, and what was found and wanted. */
export class Wrong extends Error {}

/**
 * Reads faults from a table of names.
 *
 * @throws {Wrong}
 */
export function readFaults(given: unknown, path: string): Faults {
  const kinds = { ...DIRECTION_FAULTS, ...LINK_FAULTS };
  const { up, down, ...both } = tableOf(given, path);
  return {
    ...readTable(both, kinds, path, DIRECTIONS),
    ...(up !== undefined && {
      up: readTable(tableOf(up, `${path}.up`), DIRECTION_FAULTS, `${path}.up`),
    }),
    ...(down !== undefined && {
      down: readTable(tableOf(down, `${path}.down`), DIRECTION_FAULTS, `${path}.down`),
    }),
  };
}

/** Something that must be a table of names. */
export function tableOf(given: unknown, path: string): Record<string, unknown> {
  if (typeof given === "object" && given !== null && !Array.isArray(given)) {
    return given as Record<string, unknown>;
  }
  throw new Wrong(
    `${path || "the file"}: wanted a table of names, current value is ${shown(given)}`,
  );
}

/** A value as a complaint shows it; YAML can make tables without end, so those are only named. */
export function shown(given: unknown): string {
  if (Array.isArray(given)) return "a list";
  if (typeof given === "object" && given !== null) return "a table";
  return JSON.stringify(given) ?? "nothing";
}

/** A value as it was written, if it is text or a number; a table may have no text of its own. */
export function textOf(given: unknown): string {
  return typeof given === "string" || typeof given === "number" ? String(given) : "";
}

/** Faults on one line, as they are written in a schedule. */
export function faultsText(faults: Faults): string {
  const parts = Object.entries(faults).map(([name, value]) =>
    typeof value === "object"
      ? `${name} {${faultsText(value)}}`
      : `${dashed(name)} ${valueText(name, value)}`
  );
  return parts.length === 0 ? "none" : parts.join(", ");
}

function valueText(name: string, value: unknown): string {
  const kind = DIRECTION_FAULTS[name as keyof DirectionFaults];
  if (kind === "duration") return formatDuration(value as number);
  return kind === "rate" ? `${value} B/s` : String(value);
}

function readTable(
  given: Record<string, unknown>,
  kinds: Readonly<Record<string, FaultKind>>,
  path: string,
  others: readonly string[] = [],
): DirectionFaults {
  const names = new Map(Object.keys(kinds).map((name) => [dashed(name), name]));
  const entries = Object.entries(given).map(([written, value]) => {
    const name = names.get(written);
    if (name === undefined) {
      const meant = didYouMean(written, [...names.keys(), ...others]);
      throw new Wrong(`${path}.${written}: no such fault${meant}`);
    }
    const { read, wanted } = NOTATIONS[kinds[name]!];
    const result = read(value);
    if (result !== undefined) return [name, result];
    throw new Wrong(`${path}.${written}: wanted ${wanted}, current value is ${shown(value)}`);
  });
  return Object.fromEntries(entries);
}

function readRate(given: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(textOf(given));
  if (!match) return undefined;
  const rate = Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
  return rate >= 1 ? rate : undefined;
}

function readNumber(given: unknown, fits: (value: number) => boolean): number | undefined {
  const value = typeof given === "number"
    ? given
    : NUMBER.test(textOf(given))
    ? Number(given)
    : NaN;
  return value >= 0 && fits(value) ? value : undefined;
}

const UNITS = { "": 1, k: 1_000, M: 1_000_000 };
const NUMBER = /^\d+(\.\d+)?$/;

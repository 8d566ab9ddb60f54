/**
 * A schedule of faults as a YAML file.
 *
 * This file knows the file's keys and its complaints. It does not know when anything happens.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import { parse } from "@std/yaml";
import { HeartlineError } from "../core/errors.ts";
import type { Faults } from "../proxy/faults.ts";
import {
  checkSchedule,
  SCHEDULE_ACTIONS,
  type ScheduleAction,
  type ScheduleStep,
} from "../proxy/schedule.ts";
import { didYouMean } from "./_did_you_mean.ts";
import {
  NOTATIONS,
  readDuration,
  readFaults,
  shown,
  tableOf,
  textOf,
  Wrong,
} from "./_fault_text.ts";

/** What a file says. */
export interface ScheduleFile {
  /** Where all chances come from. */
  readonly seed?: number;
  /** The faults at the start. */
  readonly faults: Faults;
  /** What comes and goes. */
  readonly steps: readonly ScheduleStep[];
}

/**
 * Reads a schedule from a file.
 *
 * @throws {HeartlineError} `invalid-option`, in one line that names the file and the line or key;
 * `io` if it cannot be read
 */
export async function readScheduleFile(path: string): Promise<ScheduleFile> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const reason = (error as Error).message.split("\n", 1)[0];
    throw new HeartlineError("invalid-option", `Cannot read ${path}: ${reason}`, { cause: error });
  }
  return parseSchedule(text, path);
}

/**
 * Reads a schedule from text.
 *
 * @param name what complaints call the text
 * @throws {HeartlineError} `invalid-option`
 */
export function parseSchedule(text: string, name: string): ScheduleFile {
  try {
    const { seed, faults, steps, ...rest } = tableOf(parsed(text) ?? {}, "");
    refuseRest(rest, "", ["seed", "faults", "steps"]);
    if (steps !== undefined && !Array.isArray(steps)) {
      throw new Wrong(`steps: wanted a list, current value is ${shown(steps)}`);
    }
    return {
      ...(seed !== undefined && { seed: readSeed(seed) }),
      faults: faults === undefined ? {} : readFaults(faults, "faults"),
      steps: checked((steps ?? []).map(readStep)),
    };
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    throw new HeartlineError("invalid-option", `Cannot use ${name}: ${error.message}`);
  }
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // "Cannot read block: bad indentation at line 2, column 4:", then the line and a mark under it.
    const [first] = (error as Error).message.split("\n", 1);
    const match = /^(?:Cannot [^:]*: )?(.*) at (line \d+), column -?\d+:?$/.exec(first!);
    throw new Wrong(
      match ? `${match[2]}: wanted YAML, found ${match[1]}` : `wanted YAML: ${first}`,
    );
  }
}

function readStep(given: unknown, index: number): ScheduleStep {
  const path = `steps[${index}]`;
  const { at, for: length, every, probability, set, do: action, ...rest } = tableOf(given, path);
  refuseRest(rest, `${path}.`, ["at", "for", "every", "probability", "set", "do"]);
  const duration = (key: string, value: unknown): number => {
    const ms = readDuration(value);
    if (ms !== undefined) return ms;
    const { wanted } = NOTATIONS.duration;
    throw new Wrong(`${path}.${key}: wanted ${wanted}, current value is ${shown(value)}`);
  };
  return {
    at: duration("at", at),
    ...(length !== undefined && { for: duration("for", length) }),
    ...(every !== undefined && { every: duration("every", every) }),
    ...(probability !== undefined && { probability: readShare(probability, path) }),
    ...(set !== undefined && { set: readFaults(set, `${path}.set`) }),
    ...(action !== undefined && { do: readAction(action, path) }),
  };
}

function readShare(given: unknown, path: string): number {
  const { read, wanted } = NOTATIONS.share;
  const share = read(given);
  if (typeof share === "number") return share;
  throw new Wrong(`${path}.probability: wanted ${wanted}, current value is ${shown(given)}`);
}

function readAction(given: unknown, path: string): ScheduleAction {
  const action = SCHEDULE_ACTIONS.find((name) => name === given);
  if (action !== undefined) return action;
  const wanted = `wanted one of ${SCHEDULE_ACTIONS.join(", ")}`;
  const meant = didYouMean(textOf(given), SCHEDULE_ACTIONS);
  throw new Wrong(`${path}.do: ${wanted}, current value is ${shown(given)}${meant}`);
}

function readSeed(given: unknown): number {
  if (Number.isInteger(given) && given as number >= 0 && given as number < 2 ** 32) {
    return given as number;
  }
  throw new Wrong(`seed: wanted a whole number in 0..4294967295, current value is ${shown(given)}`);
}

function refuseRest(rest: object, path: string, names: readonly string[]): void {
  const [unknown] = Object.keys(rest);
  if (unknown === undefined) return;
  throw new Wrong(`${path}${unknown}: no such key${didYouMean(unknown, names)}`);
}

/** What fits one by one may not fit together. */
function checked(steps: readonly ScheduleStep[]): readonly ScheduleStep[] {
  try {
    return checkSchedule(steps);
  } catch (error) {
    throw new Wrong((error as Error).message.replace("Cannot use ", ""));
  }
}

/**
 * A schedule of faults as a YAML file.
 *
 * @module
 */
import type { Faults } from "../../proxy/faults.ts";
import {
  checkSchedule,
  SCHEDULE_ACTIONS,
  type ScheduleAction,
  type ScheduleStep,
} from "../../proxy/schedule.ts";
import { didYouMean } from "../command/did_you_mean.ts";
import {
  NOTATIONS,
  readDuration,
  readFaults,
  shown,
  tableOf,
  textOf,
  Wrong,
} from "./fault_text.ts";
import { parseYaml, readYamlText, refusedFile } from "./yaml_file.ts";

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
 * @throws {HeartlineError} `invalid-option`, in one line that names the file and the line or key
 */
export async function readScheduleFile(path: string): Promise<ScheduleFile> {
  return parseSchedule(await readYamlText(path), path);
}

/**
 * Reads a schedule from text.
 *
 * @param name what complaints call the text
 * @throws {HeartlineError} `invalid-option`
 */
export function parseSchedule(text: string, name: string): ScheduleFile {
  const root = parseYaml(text, name) ?? {};
  try {
    const { seed, faults, steps, ...rest } = tableOf(root, "");
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
    throw refusedFile(name, error.message);
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

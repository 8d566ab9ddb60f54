/**
 * Faults that come and go by a plan.
 *
 * @module
 */
import { checkDuration, checkNumber } from "../core/check.ts";
import { HeartlineError } from "../core/errors.ts";
import type { Instant, Random } from "../core/machine.ts";
import type { FaultEvent } from "./events.ts";
import { checkFaults, type Faults } from "./faults.ts";
import { randomOf } from "./seeded_random.ts";

/** What a step can do once: end or reset every link, drop all and refuse new ones, take them again. */
export type ScheduleAction = "fin" | "reset" | "cut" | "heal";

/**
 * All of them.
 *
 * @example
 * ```ts
 * import { checkSchedule, SCHEDULE_ACTIONS } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * const steps = SCHEDULE_ACTIONS.map((action, index) => ({ at: 1_000 * index, do: action }));
 * assertEquals(checkSchedule(steps).length, 4);
 * ```
 */
export const SCHEDULE_ACTIONS: readonly ScheduleAction[] = ["fin", "reset", "cut", "heal"];

/** One step: exactly one of `set` and `do`. */
export interface ScheduleStep {
  /** When it begins, in ms from the start of the proxy. */
  at: number;
  /** How long `set` lasts, in ms. @default to the end */
  for?: number;
  /** It comes again every so many ms, 1 at least; with `set`, `for` must be shorter. @default once */
  every?: number;
  /** The chance of each occurrence, 0..1. @default 1 */
  probability?: number;
  /** Faults that lie over the others meanwhile. */
  set?: Faults;
  /** What is done at once. */
  do?: ScheduleAction;
}

/** What a schedule puts out: lines of the fault log, and actions. */
export type ScheduleOutput =
  | Extract<FaultEvent, { type: "step" | "step-skipped" }>
  | { readonly type: "action"; readonly action: ScheduleAction };

/**
 * Returns `steps` if each of them makes sense.
 *
 * @throws {HeartlineError} `invalid-option`, naming the step and the key
 *
 * @example
 * ```ts
 * import { checkSchedule } from "@heartline/heartline/proxy";
 * import { assertThrows } from "@std/assert";
 *
 * checkSchedule([{ at: 5_000, do: "cut" }, { at: 8_000, do: "heal" }]);
 * assertThrows(() => checkSchedule([{ at: -1, do: "cut" }]), Error, "steps[0].at");
 * ```
 */
export function checkSchedule(steps: readonly ScheduleStep[]): readonly ScheduleStep[] {
  steps.forEach((step, index) => {
    const name = (key: string): string => `steps[${index}].${key}`;
    const unknown = Object.keys(step).find((key) => !KEYS.includes(key));
    if (unknown !== undefined) {
      throw wrong(name(unknown), `one of ${KEYS.join(", ")}`, "a key that there is not");
    }
    checkNumber(name("at"), step.at);
    // Less would do nothing but keep the proxy busy, and far from its start not even let it advance.
    if (step.every !== undefined) checkNumber(name("every"), step.every, { min: 1 });
    if (step.for !== undefined) checkDuration(name("for"), step.for);
    if (step.probability !== undefined) {
      checkNumber(name("probability"), step.probability, { max: 1 });
    }
    if ((step.set === undefined) === (step.do === undefined)) {
      throw wrong(`steps[${index}]`, "one of set and do", step.set ? "both" : "neither");
    }
    if (step.do !== undefined && !SCHEDULE_ACTIONS.includes(step.do)) {
      throw wrong(name("do"), `one of ${SCHEDULE_ACTIONS.join(", ")}`, String(step.do));
    }
    if (step.do !== undefined && step.for !== undefined) {
      throw wrong(name("for"), "it only beside set", String(step.for));
    }
    if (step.set !== undefined && step.every !== undefined && !(step.for! < step.every)) {
      throw wrong(name("for"), `less than every (${step.every})`, String(step.for));
    }
    if (step.set !== undefined) checkFaults(step.set);
  });
  return steps;
}

/**
 * A schedule on its way.
 *
 * @example Driven by hand
 * ```ts
 * import { Schedule } from "@heartline/heartline/proxy";
 * import { assertEquals } from "@std/assert";
 *
 * const schedule = new Schedule([{ at: 5_000, for: 1_000, set: { blackhole: true } }], 7, 0);
 * assertEquals(schedule.deadline, 5_000);
 * assertEquals(schedule.tick(5_000), [{ type: "step", step: 0, at: 5_000, on: true }]);
 * assertEquals(schedule.overlays, [{ blackhole: true }]); // what lies over the other faults now
 * assertEquals(schedule.tick(6_000), [{ type: "step", step: 0, at: 6_000, on: false }]);
 * assertEquals(schedule.overlays, []);
 * ```
 */
export class Schedule {
  readonly #steps: readonly RunningStep[];
  readonly #start: Instant;

  /** Starts the steps at `start`; chances come from `seed`. */
  constructor(steps: readonly ScheduleStep[], seed: number, start: Instant) {
    this.#start = start;
    this.#steps = checkSchedule(steps).map((step, index) => ({
      step,
      index,
      random: randomOf(seed, `step-${index}`),
      next: step.at,
      endsAt: Infinity,
      on: false,
    }));
  }

  /** When `tick` is next due. */
  get deadline(): Instant | undefined {
    const at = Math.min(...this.#steps.map(nextOf));
    return at < Infinity ? this.#start + at : undefined;
  }

  /** The faults that lie over the others now; a later step lies over an earlier one. */
  get overlays(): Faults[] {
    return this.#steps.flatMap(({ on, step }) => on && step.set ? [step.set] : []);
  }

  /** Does the one thing that is due first; `undefined` if nothing is due at `now`. */
  tick(now: Instant): readonly ScheduleOutput[] | undefined {
    const at = Math.min(...this.#steps.map(nextOf));
    if (!(this.#start + at <= now)) return undefined;
    // What ends goes first, so that a step can follow another without a gap.
    const running = this.#steps.find(({ endsAt }) => endsAt === at) ??
      this.#steps.find(({ next }) => next === at)!;
    return running.endsAt === at ? end(running, at) : begin(running, at);
  }
}

interface RunningStep {
  readonly step: ScheduleStep;
  readonly index: number;
  readonly random: Random;
  /** Offset of its next occurrence. */
  next: number;
  /** Offset of its end, if it is on. */
  endsAt: number;
  on: boolean;
}

function nextOf({ next, endsAt }: RunningStep): number {
  return Math.min(next, endsAt);
}

function begin(running: RunningStep, at: number): ScheduleOutput[] {
  const { step, index } = running;
  running.next = step.every === undefined ? Infinity : at + step.every;
  // Drawn also where it is certain, so that a change of one chance moves no other draw.
  if (running.random() >= (step.probability ?? 1)) {
    return [{ type: "step-skipped", step: index, at }];
  }
  if (step.set !== undefined) {
    running.on = true;
    running.endsAt = at + (step.for ?? Infinity);
  }
  const begun: ScheduleOutput = { type: "step", step: index, at, on: true };
  return step.do === undefined ? [begun] : [begun, { type: "action", action: step.do }];
}

function end(running: RunningStep, at: number): ScheduleOutput[] {
  running.on = false;
  running.endsAt = Infinity;
  return [{ type: "step", step: running.index, at, on: false }];
}

const KEYS: readonly string[] = ["at", "for", "every", "probability", "set", "do"];

function wrong(name: string, wanted: string, found: string): HeartlineError {
  return new HeartlineError(
    "invalid-option",
    `Cannot use ${name}: wanted ${wanted}, current value is ${found}`,
  );
}

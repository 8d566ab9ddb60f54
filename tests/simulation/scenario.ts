/**
 * What a scenario is, and one run of it.
 *
 * @module
 */
import type { Machine } from "../../core/machine.ts";
import {
  drawFaults,
  type Fault,
  FAULT_TEXTS,
  type FaultRate,
  formatFault,
  nameOf,
} from "./faults.ts";
import { formatTime } from "./history.ts";
import type { Process } from "./process.ts";
import { type Weather, WEATHERS } from "./weather.ts";
import { Violation, World } from "./world.ts";

/** Everything that determines a run. */
export interface Plan {
  /** The name of the scenario. */
  readonly scenario: string;
  readonly seed: number;
  readonly hours: number;
  /** The numbers of the clients that take part, from 1 on. */
  readonly clients: readonly number[];
  /** The name of the weather. */
  readonly weather: string;
  readonly faults: readonly Fault[];
  /** The run is looked at no further than this, in ms; the end of a scenario is left out then. */
  readonly until?: number;
}

/** What a scenario is built of. */
export interface Setting {
  readonly world: World;
  readonly clients: readonly number[];
  readonly weather: Weather;
  /** When the run ends, in ms. */
  readonly end: number;
  /** Breaks a machine, so that a test sees an invariant find it. */
  readonly wrap: Wrap;
}

/** Returns the machine, or one that behaves otherwise; `who` is 0 for the server's. */
export type Wrap = <Input, Output>(
  machine: Machine<Input, Output>,
  who: number,
) => Machine<Input, Output>;

/** One protocol: a server, its clients, and what can happen to them. */
export interface Scenario {
  readonly name: string;
  readonly summary: string;
  /** How many servers there are. @default 1 */
  readonly servers?: number;
  /** What goes wrong, and how often. */
  readonly rates: readonly FaultRate[];
  /** How many clients, for how many hours and in what weather, unless told otherwise. */
  readonly usual: { readonly clients: number; readonly hours: number; readonly weather: string };
  /** Makes everything; from then on the queue of the world moves it. */
  build(setting: Setting): Scene;
}

/** A scenario that was built. */
export interface Scene {
  /** The process of the server and those of the clients, by their numbers. */
  readonly processes: ReadonlyMap<number, Process>;
  /** Does what is not the same in every scenario. */
  suffer(fault: Fault, process: Process): void;
  /** Is told of every fault when it strikes. */
  expects?(fault: Fault): void;
  /** Checks what can only be said at the end, and closes everything. */
  finish(): void;
  /** What happened, in numbers. */
  figures(): Record<string, number>;
}

/** How a run ended. */
export interface Outcome {
  readonly violation: Violation | undefined;
  readonly hash: number;
  readonly events: number;
  readonly figures: Record<string, number>;
  /** The history, if it was recorded. */
  readonly lines: readonly string[];
}

/** What is wanted of a run, before the faults are drawn. */
export interface Wish {
  readonly seed: number;
  readonly hours?: number | undefined;
  readonly clients?: number | undefined;
  readonly weather?: string | undefined;
  /** Only these faults happen; `[]`: nothing goes wrong but the weather. @default all */
  readonly kinds?: readonly string[] | undefined;
  /** Faults are so many times as frequent. @default 1 */
  readonly worse?: number | undefined;
}

/** Draws what goes wrong. */
export function planOf({ name, rates: all, usual, servers = 1 }: Scenario, wish: Wish): Plan {
  const { seed, hours = usual.hours, clients: count = usual.clients } = wish;
  const { weather = usual.weather } = wish;
  const clients = Array.from({ length: count }, (_, i) => i + 1);
  const random = new World(seed).random(FAULTS);
  const whos = [...Array.from({ length: servers }, (_, i) => -i), ...clients];
  const { kinds, worse = 1 } = wish;
  const rates = all.filter(({ kind }) => kinds?.includes(kind) ?? true)
    .map((rate) => ({ ...rate, every: rate.every / worse }));
  const faults = drawFaults(rates, { random, whos, end: hours * HOUR });
  return { scenario: name, seed, hours, clients, weather, faults };
}

/** Runs a plan to its end, or to the first violation. */
export function play(
  scenario: Scenario,
  plan: Plan,
  { record = false, wrap = (machine) => machine }: { record?: boolean; wrap?: Wrap } = {},
): Outcome {
  const world = new World(plan.seed, record);
  const end = plan.hours * HOUR;
  const weather = WEATHERS[plan.weather]!;
  let scene: Scene | undefined, violation: Violation | undefined;
  try {
    const built = scene = scenario.build({ world, clients: plan.clients, weather, end, wrap });
    for (const fault of plan.faults) {
      world.once(fault.at, () => strike(fault, built, world));
    }
    world.run(Math.min(end, plan.until ?? end));
    if (plan.until === undefined) scene.finish();
  } catch (error) {
    // A machine that throws is a violation, and so is anything else.
    violation = error instanceof Violation
      ? error
      : new Violation("no-throw", (error as Error).stack ?? String(error), world.now);
  }
  const { hash } = world.history;
  const figures = scene?.figures() ?? {};
  return { violation, hash, events: world.events, figures, lines: world.history.lines() };
}

/** What a person is told of a failure; `plan` is what is left of it. */
export function report(plan: Plan, { violation, lines }: Outcome): string {
  const { scenario, seed, clients, faults } = plan;
  return [
    `${violation!.invariant} does not hold: ${violation!.message}`,
    `scenario ${scenario}, seed ${seed}, at ${formatTime(violation!.at)}; it takes ` +
    `${clients.map(nameOf).join(", ") || "no client"} and ${faults.length} faults:`,
    ...faults.map(formatFault),
    "history:",
    ...lines,
  ].join("\n");
}

function strike(fault: Fault, scene: Scene, world: World): void {
  const process = scene.processes.get(fault.who);
  if (!process) return;
  const { kind, for: length, by } = fault;
  world.history.note(world.now, process, `${FAULT_TEXTS[kind]}`, by || length);
  scene.expects?.(fault);
  switch (kind) {
    case "stall":
      return process.stall(length);
    case "step":
      return process.clock.step(by);
    case "drift":
      return process.drift(by);
    default:
      scene.suffer(fault, process);
  }
}

const HOUR = 3_600_000;
const FAULTS = 2;

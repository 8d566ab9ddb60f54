/**
 * `deno task simulate`: runs scenarios, and shrinks the first run that breaks an invariant.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { FAULT_TEXTS } from "./faults.ts";
import { formatTime } from "./history.ts";
import { type Plan, planOf, play, report, type Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { shrink } from "./shrink.ts";
import { WEATHERS } from "./weather.ts";

/** Runs what `args` ask for and returns the exit code: 1 if an invariant does not hold. */
export function main(args: string[]): number {
  const options = read(args);
  if (typeof options === "string") {
    console.error(`${options} (see --help)`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  for (let seed = options.seed; seed < options.seed + options.runs; seed++) {
    for (const scenario of options.scenarios) {
      if (!runOnce(scenario, planOf(scenario, { ...options, seed }))) return 1;
    }
  }
  return 0;
}

function runOnce(scenario: Scenario, plan: Plan): boolean {
  const started = performance.now();
  const { violation, hash, events, figures } = play(scenario, plan);
  const seconds = (performance.now() - started) / 1000;
  const { seed, hours, clients, faults } = plan;
  console.log(
    `${scenario.name} seed ${seed}: ${clients.length} clients, ${hours} h, ${faults.length} faults, ` +
      `${events} events in ${seconds.toFixed(1)} s, hash ${hash.toString(16)}`,
  );
  for (const [name, value] of Object.entries(figures)) {
    console.log(`  ${name}: ${Number.isInteger(value) ? value : value.toFixed(2)}`);
  }
  if (!violation) return true;
  console.error(`${violation.invariant} does not hold at ${formatTime(violation.at)}:`);
  console.error(`${violation.message}; looking for the least that shows it ...`);
  const least = shrink(scenario, plan, { violation, hash, events, figures, lines: [] });
  console.error(report(least, play(scenario, least, { record: true })));
  console.error(`again: deno task simulate --scenario ${scenario.name} --seed ${seed}`);
  return false;
}

interface Options {
  readonly help: boolean;
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  readonly runs: number;
  readonly hours: number | undefined;
  readonly clients: number | undefined;
  readonly weather: string | undefined;
  readonly kinds: readonly string[] | undefined;
  readonly worse: number | undefined;
}

function read(args: string[]): Options | string {
  const unknown: string[] = [];
  const found = parseArgs(args, {
    string: ["scenario", "seed", "runs", "hours", "clients", "weather", "faults", "worse"],
    boolean: ["help"],
    alias: { h: "help" },
    unknown(arg) {
      unknown.push(arg);
    },
  });
  if (unknown.length > 0) return `Cannot use ${unknown[0]}: no such option`;
  for (const name of ["seed", "runs", "hours", "clients", "worse"] as const) {
    const text = found[name] as string | undefined;
    const whole = name === "hours" || name === "worse" || Number.isInteger(Number(text));
    if (text !== undefined && !(whole && Number(text) > 0)) {
      return `Cannot use --${name}: wanted a number above 0, current value is ${text}`;
    }
  }
  const { scenario, weather } = found as { scenario?: string; weather?: string };
  const scenarios = SCENARIOS.filter(({ name }) => scenario === undefined || name === scenario);
  if (scenarios.length === 0) return `Cannot simulate ${scenario}: wanted one of ${NAMES}`;
  if (weather !== undefined && !Object.hasOwn(WEATHERS, weather)) {
    return `Cannot use --weather: wanted one of ${Object.keys(WEATHERS).join(", ")}`;
  }
  const kinds = kindsIn(found.faults as string | undefined);
  const unknownKind = kinds?.find((kind) => !Object.hasOwn(FAULT_TEXTS, kind));
  if (unknownKind !== undefined) {
    return `Cannot use --faults: wanted none or some of ${Object.keys(FAULT_TEXTS).join(", ")}`;
  }
  const number = (text: unknown) => text === undefined ? undefined : Number(text);
  return {
    help: found.help === true,
    scenarios,
    seed: number(found.seed) ?? Math.ceil(Math.random() * 2 ** 31),
    runs: number(found.runs) ?? 1,
    hours: number(found.hours),
    clients: number(found.clients),
    weather,
    kinds,
    worse: number(found.worse),
  };
}

function kindsIn(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  return text === "none" ? [] : text.split(",");
}

const NAMES = SCENARIOS.map(({ name }) => name).join(", ");
const HELP = [
  "simulate: runs real machines on a virtual network, and checks what must always hold",
  "",
  "usage: deno task simulate [OPTIONS]",
  "",
  `  --scenario NAME  one of ${NAMES}; without it, all`,
  "  --seed N         the first seed; the same seed is the same run (a random one)",
  "  --runs N         so many seeds, one after the other (1)",
  "  --hours H        virtual hours of each run",
  "  --clients N      clients in each run",
  `  --weather NAME   one of ${Object.keys(WEATHERS).join(", ")}`,
  "  --faults KINDS   only these go wrong, separated by commas; none: nothing does",
  "  --worse N        faults are N times as frequent (1)",
  "  -h, --help       print this help",
  "",
  "Exit codes: 0 all invariants held, 1 one did not (the shortest history is printed), 2 wrong usage.",
].join("\n");

if (import.meta.main) Deno.exit(main(Deno.args));

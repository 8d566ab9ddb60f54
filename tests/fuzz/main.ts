/**
 * `deno task fuzz [--minutes N] [--seed N] [--target NAME] [--save]`: feeds rubbish to every decoder,
 * machine and real server for a while, prints a line for each, and keeps what broke one.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { MOST_GROWN } from "./held.ts";
import { SERVERS } from "../protocols/mod.ts";
import type { TestedServer } from "../protocols/protocol.ts";
import { fuzzLive } from "./live.ts";
import { fuzzPure, saveNew } from "./pure_run.ts";
import { HEAD, lineOf, stackOf } from "./report.ts";
import type { Target } from "./target.ts";
import { TARGETS } from "./targets.ts";

/** What is asked for. */
interface Wanted {
  readonly minutes: number;
  readonly seed: number;
  readonly save: boolean;
  readonly pure: readonly Target[];
  readonly live: readonly TestedServer[];
}

/** Runs the fuzzer and returns the exit code: 1 if a promise was broken. */
export async function main(args: string[]): Promise<number> {
  if (args.includes("--help") || args.includes("-h")) {
    console.log(help());
    return 0;
  }
  const wanted = read(args);
  if (typeof wanted === "string") {
    console.error(`${wanted} (see --help)`);
    return 2;
  }
  const { minutes, seed, save, pure, live } = wanted;
  const share = minutes * 60_000 / (pure.length + live.length);
  console.log(`seed ${seed}, ${(share / 1_000).toFixed(1)} s for each target\n${HEAD}`);
  let broken = 0;
  for (const target of pure) {
    const { line, complaints, classes } = fuzzPure(target, seed, share);
    console.log(lineOf(line));
    broken += complain(complaints, seed);
    if (save) saveNew(target, classes);
  }
  for (const target of live) {
    const { classes, error, ...rest } = await fuzzLive(target, seed, share);
    console.log(lineOf({ name: liveName(target.name), classes: classes.size, ...rest }));
    const complaints = error === undefined ? [] : [stackOf(error)];
    if (rest.grown > MOST_GROWN) complaints.push(`${rest.grown} bytes more are held`);
    broken += complain(complaints, seed);
  }
  console.log(broken === 0 ? "no promise was broken" : `${broken} broke a promise`);
  return broken === 0 ? 0 : 1;
}

function complain(complaints: readonly string[], seed: number): number {
  for (const complaint of complaints) console.error(`  with seed ${seed}: ${complaint}`);
  return complaints.length > 0 ? 1 : 0;
}

function read(args: string[]): Wanted | string {
  const unknown: string[] = [];
  const given = parseArgs(args, {
    string: ["minutes", "seed", "target"],
    boolean: ["save"],
    unknown: (arg) => unknown.push(arg) < 0,
  });
  if (unknown.length > 0) return `Cannot use ${unknown[0]}: no such option`;
  const { minutes = "1", seed, target, save } = given;
  const drawn = crypto.getRandomValues(new Uint32Array(1))[0]!;
  const numbers = { minutes: Number(minutes), seed: seed === undefined ? drawn : Number(seed) };
  if (!(numbers.minutes > 0)) return "Cannot use --minutes: wanted a number above 0";
  if (!Number.isInteger(numbers.seed)) return "Cannot use --seed: wanted a whole number";
  const isWanted = ({ name }: { name: string }) => target === undefined || name === target;
  const pure = TARGETS.filter(isWanted);
  const live = SERVERS.filter(({ name }) => isWanted({ name: liveName(name) }));
  if (pure.length + live.length === 0) return `Cannot fuzz ${target}: no such target`;
  return { ...numbers, save: save === true, pure, live };
}

function help(): string {
  return [
    "fuzz: feeds damaged input to every decoder, machine and server",
    "",
    "usage: deno task fuzz [OPTIONS]",
    "",
    "  --minutes N    how long in all [1]",
    "  --seed N       repeats a run on the same corpus [drawn and printed]",
    "  --target NAME  only this one",
    "  --save         add inputs that lead to something new to the corpus",
    "",
    `targets: ${
      [...TARGETS.map(({ name }) => name), ...SERVERS.map(({ name }) => liveName(name))].join(" ")
    }`,
  ].join("\n");
}

/** What a real server is called among the targets. */
function liveName(server: string): string {
  return `live-${server}`;
}

if (import.meta.main) Deno.exit(await main(Deno.args));

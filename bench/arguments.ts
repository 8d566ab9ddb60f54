/**
 * What `deno task bench` is asked for.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import type { Row } from "./harness/row.ts";
import { ROWS } from "./rows.ts";

/** What is wanted, read. */
export interface Wanted {
  readonly help: boolean;
  /** Those named, or all. */
  readonly rows: readonly Row[];
  /** Rows were named. */
  readonly named: boolean;
  readonly write: boolean;
  readonly check: boolean;
  /** Without peers. */
  readonly alone: boolean;
  /** Which runtime runs ours and the floor. */
  readonly runtime: "deno" | "node";
}

/** Reads the arguments; a text says what is wrong with them. */
export function readArguments(args: string[]): Wanted | string {
  const unknown: string[] = [];
  const { _: names, help, write, check, short, "no-peers": alone, runtime = "deno" } = parseArgs(
    args,
    {
      string: ["_", "runtime"],
      boolean: ["help", "write", "check", "short", "no-peers"],
      alias: { h: "help" },
      unknown(arg, key) {
        if (key !== undefined) unknown.push(arg);
      },
    },
  );
  if (unknown.length > 0) return `Cannot use ${unknown[0]}: no such option`;
  if (runtime !== "deno" && runtime !== "node") {
    return `Cannot use --runtime ${runtime}: wanted deno or node`;
  }
  const all = ROWS.filter(({ onNode }) => onNode || runtime === "deno");
  const missing = names.find((name) => all.every((row) => row.name !== name));
  if (missing !== undefined) {
    const wanted = all.map(({ name }) => name).join(", ");
    return `Cannot measure ${missing} on ${runtime}: wanted one of ${wanted}`;
  }
  if (runtime === "node" && (write || check)) {
    return "Cannot use --write or --check with --runtime node: what is committed is Deno's";
  }
  if (check && write) return "Cannot use --write with --check: wanted one of them";
  if (short && (!check || names.length > 0)) {
    return "Cannot use --short: wanted with --check, and no NAME";
  }
  const chosen = short ? SHORT : names.length > 0 ? names : all.map(({ name }) => name);
  return {
    help: help === true,
    rows: chosen.map((name) => all.find((row) => row.name === name)!),
    named: names.length > 0 || short === true,
    write: write === true,
    check: check === true,
    // Others have nothing to do with whether we fell.
    alone: alone === true || check === true || runtime === "node",
    runtime,
  };
}

/** What there is to ask for. */
export function helpText(): string {
  const width = Math.max(...ROWS.map(({ name }) => name.length)) + 2;
  return [
    "bench: measures speed and memory against a floor, peers and a target, in processes of their own",
    "",
    "usage: deno task bench [NAME...] [OPTIONS]",
    "",
    ...ROWS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    "",
    ...OPTIONS.map(([name, says]) => `  ${name.padEnd(width)}${says}`),
  ].join("\n");
}

const OPTIONS = [
  ["--write", "also write the ratios of these rows into bench/ratios.json and, without"],
  ["", "a NAME, the table of all rows into docs/BENCHMARKS.md; growth writes its own parts"],
  ["--check", "compare with bench/ratios.json, and fail where a ratio fell by more than 15 %"],
  ["--short", "with --check: the few rows that a busy machine disturbs least"],
  ["--runtime node", "run ours, as the npm package, and a floor of its own on Node instead"],
  ["--no-peers", "leave out what others would take: socket.io, NATS, ws, Python"],
  ["-h, --help", "print this help"],
] as const;

/**
 * Compared by CPU time and never waiting for a load, so that a busy machine slows ours and the floor alike.
 * Rows with a load are not among them: by CPU time, too, a receiver that sleeps between datagrams is
 * another one than a receiver that never does.
 */
const SHORT = ["decode", "deadlines", "sequence-stream"];

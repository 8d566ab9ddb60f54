/**
 * `deno task bench [NAME] [--write] [--no-peers]`: measures, prints a table, and can write it into the docs.
 *
 * This file knows arguments, signals and exit codes. It does not know what a row does.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { CannotMeasure, Children } from "./harness/children.ts";
import { LoadPrograms } from "./harness/load.ts";
import { Peers } from "./harness/peers.ts";
import { machineText, markdownOf, tableOf, writeDocument } from "./harness/report.ts";
import type { Result, Row } from "./harness/row.ts";
import { ROWS } from "./rows/mod.ts";

/** Runs the benchmarks and returns the exit code. */
export async function main(args: string[]): Promise<number> {
  const wanted = read(args);
  if (typeof wanted === "string") {
    console.error(`${wanted} (see --help)`);
    return 2;
  }
  if (wanted.help) {
    console.log(help());
    return 0;
  }
  const children = new Children();
  for (const [signal, code] of STOP_SIGNALS) {
    Deno.addSignalListener(signal, () => {
      children.clear();
      Deno.exit(code);
    });
  }
  try {
    await run(wanted, children);
    return 0;
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    children.clear();
  }
}

async function run({ rows, write, alone }: Wanted, children: Children): Promise<void> {
  const loads = new LoadPrograms(children);
  const peers = new Peers(children, !alone);
  const results: Result[] = [];
  for (const row of rows) {
    console.error(`${row.name}: ${row.summary} ...`);
    results.push(...await row.measure({ children, loads, peers }));
  }
  const machine = machineText(loads.language);
  console.log(`\n${machine}\n\n${tableOf(results, peers.leftOut)}`);
  if (write) writeDocument(markdownOf(machine, results, peers.leftOut));
}

interface Wanted {
  readonly help: boolean;
  readonly rows: readonly Row[];
  readonly write: boolean;
  /** Without peers. */
  readonly alone: boolean;
}

function read(args: string[]): Wanted | string {
  const unknown: string[] = [];
  const { _: names, help, write, "no-peers": alone } = parseArgs(args, {
    string: ["_"],
    boolean: ["help", "write", "no-peers"],
    alias: { h: "help" },
    unknown(arg, key) {
      if (key !== undefined) unknown.push(arg);
    },
  });
  if (unknown.length > 0) return `Cannot use ${unknown[0]}: no such option`;
  const rows = names.map((name) => ROWS.find((row) => row.name === name));
  const missing = rows.indexOf(undefined);
  if (missing >= 0) {
    return `Cannot measure ${names[missing]}: wanted one of ${
      ROWS.map((row) => row.name).join(", ")
    }`;
  }
  if (write && names.length > 0) return "Cannot use --write: wanted all rows, and no NAME";
  return {
    help: help === true,
    write: write === true,
    alone: alone === true,
    rows: names.length > 0 ? rows as Row[] : ROWS,
  };
}

function help(): string {
  const width = Math.max(...ROWS.map(({ name }) => name.length)) + 2;
  return [
    "bench: measures speed and memory against a floor, peers and a target, in processes of their own",
    "",
    "usage: deno task bench [NAME...] [OPTIONS]",
    "",
    ...ROWS.map(({ name, summary }) => `  ${name.padEnd(width)}${summary}`),
    `  ${"--write".padEnd(width)}also write the table of all rows into docs/BENCHMARKS.md`,
    `  ${"--no-peers".padEnd(width)}leave out what others would take: socket.io, NATS, ws, Python`,
    `  ${"-h, --help".padEnd(width)}print this help`,
  ].join("\n");
}

const STOP_SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

if (import.meta.main) Deno.exit(await main(Deno.args));

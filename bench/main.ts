/**
 * `deno task bench [NAME...] [OPTIONS]`: measures, prints a table, can write it into
 * the docs, and can tell whether anything fell below what is committed.
 *
 * @module
 */
import { helpText, readArguments, type Wanted } from "./arguments.ts";
import {
  barFor,
  checkRow,
  fallText,
  PROCESSOR,
  ratiosOf,
  readRatios,
  writeRatios,
} from "./harness/check.ts";
import { CannotMeasure, Children, measurable } from "./harness/children.ts";
import { LoadPrograms } from "./harness/load.ts";
import { NodePackage } from "./harness/node_package.ts";
import { machineText, markdownOf, notesOf, tableOf, writeBetween } from "./harness/report.ts";
import type { Result, Row, Tools } from "./harness/row.ts";
import { formatSpread } from "./harness/statistics.ts";
import { Peers } from "./peers/peers.ts";

/** Runs the benchmarks and returns the exit code. */
export async function main(args: string[]): Promise<number> {
  const wanted = readArguments(args);
  if (typeof wanted === "string") {
    console.error(`${wanted} (see --help)`);
    return 2;
  }
  if (wanted.help) {
    console.log(helpText());
    return 0;
  }
  const children = new Children();
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    Deno.addSignalListener(signal, () => {
      children.clear();
      Deno.exit(code);
    });
  }
  const loads = new LoadPrograms(children);
  const node = new NodePackage(children);
  const peers = new Peers(children, !wanted.alone);
  const tools = { children, loads, node, peers, write: wanted.write };
  try {
    if (wanted.runtime === "node") children.launchBy((module, flags) => node.launch(module, flags));
    return await (wanted.check ? check : measure)(wanted, tools);
  } catch (error) {
    if (!(error instanceof CannotMeasure)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    children.clear();
  }
}

async function measure({ rows, named, write, runtime }: Wanted, tools: Tools): Promise<number> {
  const results: Result[] = [];
  const ratios = named ? { ...readRatios()[PROCESSOR] } : {};
  let missing = 0;
  for (const row of rows) {
    const measured = await measureRow(row, tools, () => row.measure(tools));
    if (!measured) {
      missing++;
      continue;
    }
    const found = runtime === "node" ? measured.map(onNode) : measured;
    results.push(...found);
    ratios[row.name] = ratiosOf(found);
  }
  const machine = (runtime === "node" ? `on ${await tools.node.version()}; ` : "") + machineText();
  const notes = notesOf(results, tools.peers.leftOut);
  console.log(`\n${machine}\n\n${tableOf(results)}\n\n${notes}`);
  if (missing > 0 && write) console.error("Cannot write: a row is missing");
  if (missing > 0 || !write) return missing > 0 ? 1 : 0;
  writeRatios(ratios);
  if (named) return 0;
  writeBetween("BENCHMARKS.md", "--write", `${machine}.\n\n${markdownOf(results)}`);
  writeBetween("notebook/readings.md", "--write", `${machine}.\n\n${notes}`);
  return 0;
}

/** What Node must reach is said against its own floor, whatever the runtimes reach next to each other. */
function onNode(result: Result): Result {
  const { ratio, foreign = false } = result;
  // A figure of its own, as numbers a second, is the same target on every runtime, and so is a limit.
  if (!ratio || foreign || !/^>= .* x /.test(result.target)) return result;
  const target = `>= ${NODE_TARGET} x Node's own floor`;
  return { ...result, target, met: ratio.median >= NODE_TARGET };
}

async function check({ rows }: Wanted, tools: Tools): Promise<number> {
  const bar = barFor(PROCESSOR, readRatios());
  let passed = 0, failed = 0, missing = 0;
  for (const row of rows) {
    const lines = Object.keys(bar.ratios[row.name] ?? {}).length;
    if (lines === 0) continue;
    const falls = await measureRow(row, tools, () =>
      checkRow(
        row.name,
        bar,
        () => row.measure(tools).then(shown),
        (falls) => falls.forEach((fall) => console.error(`measured again: ${fallText(fall)}`)),
      ));
    if (!falls) {
      missing += lines;
      continue;
    }
    for (const fall of falls) console.error(`FELL: ${fallText(fall)}`);
    failed += falls.length;
    passed += lines - falls.length;
  }
  // As the other checks end; a check of nothing must not look like one that passed.
  const left = missing > 0 ? `, ${missing} not measured` : "";
  console.log(`bench: ${passed} passed, ${failed} failed${left}`);
  return failed + missing > 0 || passed === 0 ? 1 : 0;
}

function measureRow<Found>(row: Row, { children }: Tools, measure: () => Promise<Found>) {
  console.error(`${row.name}: ${row.summary} ...`);
  return measurable(row.name, children, measure);
}

function shown(results: Result[]): Result[] {
  for (const { work, checked } of results) {
    if (checked) console.error(`  ${work}: ${formatSpread(checked)}`);
  }
  return results;
}

const NODE_TARGET = 0.8;

if (import.meta.main) Deno.exit(await main(Deno.args));
